package io.acclimate.simulators.cluster;

import io.acclimate.actors.cluster.ClusterRuntime;
import io.acclimate.actors.cluster.ClusterStream;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceBatches;
import io.acclimate.simulators.scenario.DataSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** The streams that one node asks of the cluster, batch after batch. Not thread-safe. */
public final class ClusterLoad {
  private final List<ClusterStream> streams = new ArrayList<>();
  private final SourceBatches batches;
  private final int samples;
  private final int batchSize;
  private int next;
  private long answered;
  private long failed;

  /**
   * Opens this node's share of the file's streams.
   *
   * @param source where samples come from
   */
  public ClusterLoad(ClusterFile file, DataSource source, ClusterRuntime node) {
    Dataset data = source.read();
    this.samples = data.size();
    this.batchSize = Math.min(file.load().batchSize(), samples);
    this.batches = new SourceBatches(data, batchSize);
    for (int i = file.node() - 1; i < file.load().streams(); i += file.nodes()) {
      streams.add(node.stream(file.load().stream(i), file.load().method()));
    }
  }

  /**
   * Gives each stream a batch, waits for the answers and tells where the streams live.
   *
   * @return a line such as {@code 120 batches answered, 0 failed; 127.0.0.1:25521: stream-1
   *     stream-4}
   */
  public String round() {
    List<CompletableFuture<String>> asked = new ArrayList<>();
    for (ClusterStream stream : streams) {
      next = next + batchSize > samples ? 0 : next;
      var answer = stream.adapt(batches.fill(next, batchSize));
      next += batchSize;
      asked.add(answer.thenCompose(done -> stream.node()).toCompletableFuture());
    }
    SortedMap<String, List<String>> places = new TreeMap<>();
    String problem = "";
    for (int i = 0; i < asked.size(); i++) {
      try {
        String place = asked.get(i).join();
        places.computeIfAbsent(place, none -> new ArrayList<>()).add(streams.get(i).id());
        answered++;
      } catch (CompletionException e) {
        failed++;
        problem = "; " + e.getCause().getMessage();
      }
    }
    String where =
        places.entrySet().stream()
            .map(entry -> "; " + entry.getKey() + ": " + String.join(" ", entry.getValue()))
            .collect(Collectors.joining());
    return "%d batches answered, %d failed%s%s".formatted(answered, failed, where, problem);
  }
}
