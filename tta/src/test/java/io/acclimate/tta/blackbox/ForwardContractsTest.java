package io.acclimate.tta.blackbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.ForwardRunner;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.testkit.Batches;
import io.acclimate.tta.testkit.CorrectorContract;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Methods of forward passes keep the contract of correctors, and a few laws of their own. */
class ForwardContractsTest {
  /** The laws that hold for methods that run the model forwards. */
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  abstract static class ForwardContract extends CorrectorContract {
    private FrozenModel model;

    @BeforeAll
    void open() {
      model = ForwardNetworks.open(CLASSES, sampleShape());
    }

    @AfterAll
    void shut() {
      model.close();
    }

    /** Settings under which nothing is learned. */
    abstract String still();

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("guard.disagreement = 1");
    }

    @Override
    protected MethodContext context() {
      OutputBatch source = Batches.stream(81, CLASSES, FEATURES, 64).get(0);
      return ForwardNetworks.context(model, CLASSES, input(source), source.labels());
    }

    private Tensor input(OutputBatch batch) {
      long[] shape = new long[sampleShape().length + 1];
      shape[0] = batch.size();
      System.arraycopy(sampleShape(), 0, shape, 1, shape.length - 1);
      return batch.input().view(0, shape);
    }

    @Test
    void withoutARadiusItIsTheFrozenModel() {
      Config still = ConfigFactory.parseString(still()).withFallback(settings());
      MethodContext context = context();
      try (Adaptation method = AdaptationFactory.of(method(), still).create(context);
          ForwardRunner frozen = context.forward().orElseThrow().newRunner()) {
        for (OutputBatch batch : Batches.stream(21, CLASSES, FEATURES, 16, 7, 1, 16)) {
          OutputBatch expected = frozen.run(input(batch));
          double[] answer = new double[batch.size() * CLASSES];
          method.step(withInput(batch), answer);
          assertArrayEquals(expected.probabilities(), answer, 1e-12);
        }
      }
    }

    private OutputBatch withInput(OutputBatch batch) {
      return new OutputBatch(
          batch.size(),
          CLASSES,
          FEATURES,
          batch.probabilities(),
          batch.features(),
          batch.labels(),
          input(batch));
    }

    @Test
    void learningChangesTheAnswerAndIsCounted() {
      try (Adaptation method = AdaptationFactory.of(method(), settings()).create(context())) {
        OutputBatch batch = withInput(Batches.stream(23, CLASSES, FEATURES, 32).get(0));
        double[] before = new double[batch.size() * CLASSES];
        double[] after = before.clone();
        method.predict(batch, before);
        long predicting = method.passes().forwards();
        State fresh = State.of(method);
        method.step(batch, after);
        method.predict(batch, after);
        assertTrue(!Arrays.equals(before, after), "the answer moves");
        assertNotEquals(fresh.sha256(), State.of(method).sha256());
        assertTrue(method.passes().forwards() > predicting + 10, "learning takes passes");
      }
    }
  }

  @Nested
  class FoaContract extends ForwardContract {
    @Override
    protected String method() {
      return "foa";
    }

    @Override
    String still() {
      return "radius = 0, activation-shift = 0, protocol.window = 1";
    }
  }

  @Nested
  class FoaOfImages extends ForwardContract {
    @Override
    protected String method() {
      return "foa";
    }

    @Override
    protected long[] sampleShape() {
      return new long[] {1, 2, 4};
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("grid = 2, population = 12").withFallback(super.settings());
    }

    @Override
    String still() {
      return "radius = 0, activation-shift = 0, protocol.window = 1";
    }
  }

  @Nested
  class BlackVipContract extends ForwardContract {
    @Override
    protected String method() {
      return "blackvip";
    }

    @Override
    protected long[] sampleShape() {
      return new long[] {1, 2, 4};
    }

    @Override
    String still() {
      return "spsa.rate = 0";
    }
  }
}
