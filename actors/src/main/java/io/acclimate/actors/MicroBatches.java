package io.acclimate.actors;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one call of the model out of the requests of several streams, on buffers that are reused.
 * Not thread-safe.
 */
final class MicroBatches implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);

  /** Kinds of rows that calls are made for; others are run alone. */
  private static final int MAX_SHAPES = 8;

  private final ServedModel model;
  private final int most;
  private final ModelRunner runner;
  private final Map<String, Shape> shapes = new LinkedHashMap<>();

  /** What is known of one kind of row: the sizes of calls, and where rows are put together. */
  private record Shape(BatchSizes sizes, Tensor staging) {
    static final Shape ALONE = new Shape(BatchSizes.NONE, null);
  }

  /**
   * @param most the most rows of a call that is made of several requests; 1 for none
   */
  MicroBatches(ServedModel model, int most) {
    this.model = model;
    this.most = most;
    this.runner = model.newRunner();
  }

  /** The most rows that may go into a call with this request; at most its own size: it is alone. */
  int room(Request request) {
    return request.size() >= most ? 0 : shape(request.input()).sizes().largest();
  }

  private Shape shape(Tensor input) {
    long[] dims = input.shape();
    String key = Arrays.toString(Arrays.copyOfRange(dims, 1, dims.length));
    Shape known = shapes.get(key);
    if (known != null || shapes.size() == MAX_SHAPES) {
      return known == null ? Shape.ALONE : known;
    }
    try {
      Shape found = measure(input);
      shapes.put(key, found);
      return found;
    } catch (AcclimateException | IllegalStateException e) {
      LOG.debug("model {}: sizes cannot be tried with {}", model.model().name(), input, e);
      return Shape.ALONE;
    }
  }

  private Shape measure(Tensor input) {
    BatchSizes sizes = BatchSizes.find(runner::run, input, most);
    LOG.debug("model {}: calls at sizes {} agree to the bit", model.model().name(), sizes);
    if (sizes.largest() < 2) {
      return Shape.ALONE;
    }
    long[] dims = input.shape();
    dims[0] = sizes.largest();
    return new Shape(sizes, Tensor.allocate(input.type(), dims));
  }

  /** Rows of the latest call, those that only fill it up included. */
  record Called(ModelOutput[] outputs, int rows) {}

  /** Runs requests of the same kind of rows together; a single one too large for that is alone. */
  Called run(List<ModelServer.Infer> requests) {
    Request first = requests.get(0).request();
    Shape shape = first.size() >= most ? Shape.ALONE : shape(first.input());
    boolean alone = first.size() > shape.sizes().largest();
    long start = System.nanoTime();
    Tensor input = alone ? first.input() : fill(shape, requests);
    Map<String, Tensor> outputs = runner.run(input);
    long end = System.nanoTime();
    ModelOutput[] split = new ModelOutput[requests.size()];
    int row = 0;
    for (int i = 0; i < split.length; i++) {
      int size = requests.get(i).request().size();
      split[i] = model.copy(row, size, outputs, start, end);
      row += size;
    }
    return new Called(split, (int) input.dim(0));
  }

  private static Tensor fill(Shape shape, List<ModelServer.Infer> requests) {
    ByteBuffer target = shape.staging().bytes();
    int rows = 0;
    for (ModelServer.Infer message : requests) {
      target.put(message.request().input().bytes());
      rows += message.request().size();
    }
    return shape.staging().rows(shape.sizes().holding(rows));
  }

  @Override
  public void close() {
    runner.close();
  }
}
