package io.acclimate.tta.gradient;

import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.Losses;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * RoTTA: a slow teacher answers; the student learns its answers on changed copies of a balanced
 * memory of samples, recent ones first. Yuan et al., Robust Test-Time Adaptation in Dynamic
 * Scenarios, CVPR 2023, arXiv 2303.13899.
 *
 * <p>Changed copies are made of images only; for other inputs the student sees the samples
 * themselves. Batch normalisation takes the statistics of the batch, where the paper's takes a
 * moving average. Not thread-safe.
 */
public final class Rotta extends TeacherMethod {
  private static final String SHARES = "stream/shares";

  private final Settings settings;
  private final SeedTree seeds;
  private final StrongAugmentation augmentation = new StrongAugmentation();
  private final BalancedMemory memory;
  private int sinceUpdate;

  /**
   * Settings beside the optimiser's.
   *
   * @param keep what the teacher keeps of itself in each step, 0 to 1
   * @param capacity samples in memory, at least 1
   * @param updateEvery samples between two steps, at least 1
   */
  public record Settings(double keep, int capacity, int updateEvery) {}

  /** Creates the method at the source. */
  public Rotta(
      DifferentiableModel model,
      ParameterChoice parameters,
      OptimizerSettings optimizer,
      Settings settings,
      int classes,
      SeedTree seeds) {
    super(AdaptableModel.of(model, parameters, Rotta::loss), optimizer);
    this.settings = settings;
    this.seeds = seeds;
    this.memory = new BalancedMemory(settings.capacity(), classes);
  }

  private static String loss(LossGraph graph) {
    Ops ops = graph.ops();
    String consistency = Losses.softCrossEntropy(ops, graph.logits(0), teacherAnswers(graph));
    return ops.reduceSum(ops.mul(consistency, graph.input(SHARES, graph.size())), false);
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    answer(learner(), teacher(), batch, probabilities);
  }

  @Override
  void learn(OutputBatch batch, double[] answer) {
    double[] answers = new double[batch.size() * batch.classes()];
    predict(batch, answers);
    if (answer != null) {
      System.arraycopy(answers, 0, answer, 0, answers.length);
    }
    int[] labels = Rows.argmax(answers, batch.size(), batch.classes());
    int rowBytes = input(batch).bytes().capacity() / batch.size();
    ByteBuffer rows = input(batch).bytes();
    for (int i = 0; i < labels.length; i++) {
      byte[] sample = new byte[rowBytes];
      rows.get(sample);
      memory.add(sample, labels[i], Rows.entropy(answers, i * batch.classes(), batch.classes()));
      sinceUpdate++;
      if (sinceUpdate == settings.updateEvery()) {
        sinceUpdate = 0;
        update(input(batch));
      }
    }
  }

  /** Learns from the memory once. */
  private void update(Tensor like) {
    List<byte[]> samples = memory.samples();
    long[] shape = like.shape();
    shape[0] = samples.size();
    Tensor remembered = Tensor.allocate(like.type(), shape);
    ByteBuffer target = remembered.bytes();
    samples.forEach(target::put);
    double[] taught = logits(teacher(), remembered);
    Tensor changed =
        augmentation.apply(remembered, seeds.child("augmentation").child(updates()).generator());
    SizedModel sized = load(changed, taught);
    sized.set(SHARES, shares(memory.ages()));
    double loss = sized.backward(student());
    if (step(loss, sized.gradients())) {
      teacher().average(settings.keep(), student());
    }
  }

  /** How much each sample counts: less when it is old. */
  static double[] shares(double[] ages) {
    double[] shares = new double[ages.length];
    for (int i = 0; i < ages.length; i++) {
      double fresh = Math.exp(-ages[i]);
      shares[i] = fresh / (1 + fresh) / ages.length;
    }
    return shares;
  }

  @Override
  public void reset() {
    super.reset();
    memory.clear();
    sinceUpdate = 0;
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    out.put("memory", memory);
    out.putInt("since-update", sinceUpdate);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    in.get("memory", memory);
    sinceUpdate = in.getInt("since-update");
  }
}
