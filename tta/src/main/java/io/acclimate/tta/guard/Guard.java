package io.acclimate.tta.guard;

import io.acclimate.runtime.Rows;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.tta.OutputBatch;
import java.util.Arrays;
import java.util.Optional;

/**
 * Watches a method's answers for collapse, without labels.
 *
 * <p>A single answer that is no probability is an alarm at once. The others look at averages over
 * the last samples, and only where the answers have left the frozen model's by more than the
 * settings allow: answers that are all but certain (entropy floor), or that fall on far fewer
 * classes than the frozen model's, by the entropy of the mean answer and by the number of classes
 * predicted (diversity floor; a single class is always too few). Weights too far from the source
 * are an alarm as well.
 *
 * <p>Not thread-safe.
 */
public final class Guard implements Stateful {
  private static final double ROW_SUM_TOLERANCE = 5e-3;

  /** Of the answers that one class for all would change on even labels; matters for two classes. */
  private static final double MOST_DISAGREEMENT = 0.8;

  private final GuardSettings settings;
  private final int classes;
  private long samples;
  private double entropy;
  private double differing;
  private final double[] answered;
  private final double[] frozen;
  private final double[] answeredClasses;
  private final double[] frozenClasses;

  /** Creates a guard for answers over this many classes. */
  public Guard(GuardSettings settings, int classes) {
    this.settings = settings;
    this.classes = classes;
    answered = new double[classes];
    frozen = new double[classes];
    answeredClasses = new double[classes];
    frozenClasses = new double[classes];
  }

  /**
   * Looks at one answered batch.
   *
   * @param batch what the frozen model said
   * @param answer {@code [size, classes]}; may be longer
   * @param distance of the method's weights to the source
   * @return the reason of an alarm
   */
  public Optional<String> inspect(OutputBatch batch, double[] answer, double distance) {
    Optional<String> unsound = unsound(answer, batch.size());
    if (unsound.isPresent()) {
      return unsound;
    }
    if (!(distance <= settings.maxDistance())) {
      return Optional.of(
          "weights are %.3g away from the source, at most %.3g are allowed"
              .formatted(distance, settings.maxDistance()));
    }
    follow(batch, answer);
    double most = MOST_DISAGREEMENT * (1 - 1.0 / classes);
    if (samples < settings.memorySamples() || differing < Math.min(settings.disagreement(), most)) {
      return Optional.empty();
    }
    return collapsed();
  }

  private Optional<String> unsound(double[] answer, int size) {
    for (int i = 0; i < size; i++) {
      double sum = 0;
      for (int k = i * classes; k < (i + 1) * classes; k++) {
        if (!(answer[k] >= 0 && answer[k] <= 1 + ROW_SUM_TOLERANCE)) {
          return Optional.of("answered %s in row %d, no probability".formatted(answer[k], i));
        }
        sum += answer[k];
      }
      if (Math.abs(sum - 1) > ROW_SUM_TOLERANCE) {
        return Optional.of("answered probabilities that sum to %s in row %d".formatted(sum, i));
      }
    }
    return Optional.empty();
  }

  private void follow(OutputBatch batch, double[] answer) {
    int n = batch.size();
    int[] labels = Rows.argmax(answer, n, classes);
    int[] frozenLabels = Rows.argmax(batch.probabilities(), n, classes);
    samples += n;
    double keep = Math.max(0, 1 - n / (double) Math.min(samples, settings.memorySamples()));
    double share = (1 - keep) / n;
    for (double[] average : new double[][] {answered, frozen, answeredClasses, frozenClasses}) {
      for (int c = 0; c < classes; c++) {
        average[c] *= keep;
      }
    }
    entropy *= keep;
    differing *= keep;
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < classes; c++) {
        double p = answer[i * classes + c];
        answered[c] += share * p;
        frozen[c] += share * batch.probabilities()[i * classes + c];
        entropy -= p > 0 ? share * p * Math.log(p) : 0;
      }
      answeredClasses[labels[i]] += share;
      frozenClasses[frozenLabels[i]] += share;
      differing += labels[i] == frozenLabels[i] ? 0 : share;
    }
  }

  private Optional<String> collapsed() {
    double relative = entropy / Math.log(classes);
    if (relative < settings.entropyFloor()) {
      return Optional.of(
          "mean entropy %.4f of a uniform answer's, floor %.4f, while %.0f %% differ from the frozen model"
              .formatted(relative, settings.entropyFloor(), 100 * differing));
    }
    double spread = Rows.entropy(answered, 0, classes);
    double frozenSpread = Rows.entropy(frozen, 0, classes);
    int distinct = distinct(answeredClasses);
    int frozenDistinct = distinct(frozenClasses);
    double floor = settings.diversityFloor();
    boolean one = distinct == 1 && frozenDistinct > 1;
    if (spread < floor * frozenSpread && (one || distinct < floor * frozenDistinct)) {
      return Optional.of(
          "answers fall on %d classes (entropy %.3f), the frozen model's on %d (%.3f)"
              .formatted(distinct, spread, frozenDistinct, frozenSpread));
    }
    return Optional.empty();
  }

  /** Classes with more than a tenth of an even share. */
  private int distinct(double[] shares) {
    int count = 0;
    for (double share : shares) {
      count += share > 0.1 / classes ? 1 : 0;
    }
    return count;
  }

  /** Forgets what was seen. */
  public void reset() {
    samples = 0;
    entropy = 0;
    differing = 0;
    Arrays.fill(answered, 0);
    Arrays.fill(frozen, 0);
    Arrays.fill(answeredClasses, 0);
    Arrays.fill(frozenClasses, 0);
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("samples", samples);
    out.putDouble("entropy", entropy);
    out.putDouble("differing", differing);
    out.putDoubles("answered", answered);
    out.putDoubles("frozen", frozen);
    out.putDoubles("answered-classes", answeredClasses);
    out.putDoubles("frozen-classes", frozenClasses);
  }

  @Override
  public void load(StateReader in) {
    samples = in.getLong("samples");
    entropy = in.getDouble("entropy");
    differing = in.getDouble("differing");
    copy(in.getDoubles("answered", classes), answered);
    copy(in.getDoubles("frozen", classes), frozen);
    copy(in.getDoubles("answered-classes", classes), answeredClasses);
    copy(in.getDoubles("frozen-classes", classes), frozenClasses);
  }

  private static void copy(double[] from, double[] to) {
    System.arraycopy(from, 0, to, 0, to.length);
  }
}
