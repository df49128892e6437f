package io.acclimate.simulators.tasks;

import io.acclimate.continual.Backbone;
import io.acclimate.continual.shift.ShiftDetector;
import io.acclimate.continual.shift.ShiftSettings;
import io.acclimate.continual.tuning.FeatureExtractor;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a stream into windows where a {@link ShiftDetector} finds that the frozen model's features
 * have changed; it sees no label. Not thread-safe.
 */
final class BoundaryFinder {
  private final TaskData data;
  private final Backbone backbone;
  private final ShiftSettings settings;

  BoundaryFinder(TaskData data, Backbone backbone, ShiftSettings settings) {
    this.data = data;
    this.backbone = backbone;
    this.settings = settings;
  }

  /**
   * Finds the ends of windows.
   *
   * @param items the stream
   * @return samples up to each end, ascending; the last one is the whole stream
   */
  int[] ends(int[] items) {
    int[] unknown = new int[data.labels().classes()];
    List<Integer> starts = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    try (FeatureExtractor extractor = new FeatureExtractor(backbone)) {
      ShiftDetector detector = new ShiftDetector(settings, extractor.size());
      for (int start = 0; start < items.length; start += backbone.batch()) {
        int end = Math.min(items.length, start + backbone.batch());
        starts.add(start);
        int changed =
            detector.observe(
                extractor.unitFeatures(
                    data.batch(backbone.graph(), unknown, items, start, end).inputs()));
        if (changed > 0 && starts.size() > changed) {
          ends.add(starts.get(starts.size() - changed));
        }
      }
    }
    ends.add(items.length);
    return ends.stream().mapToInt(Integer::intValue).toArray();
  }
}
