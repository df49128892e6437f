package io.acclimate.simulators.cli;

import io.acclimate.actors.cluster.ClusterRuntime;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.cluster.ClusterFile;
import io.acclimate.simulators.cluster.ClusterLoad;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one node of a cluster under a simulated load until it is told to stop. */
@Command(
    name = "cluster",
    description = {
      "Runs one node of a cluster whose streams move when nodes come and go, under a simulated",
      "load, and prints where the streams live. It has no HTTP interface. Ctrl-C hands the node's",
      "streams over and leaves the cluster (exit code 0)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ClusterCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CONF", description = "The nodes (HOCON); see examples/cluster.conf.")
  private Path file;

  @Option(
      names = "--node",
      paramLabel = "N",
      required = true,
      description = "Which of the file's nodes this process is, from 1.")
  private int node;

  @Option(
      names = "--set",
      paramLabel = "k=v",
      description = "Overrides a setting, such as load.streams=30; may be repeated.")
  private List<String> overrides = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    ClusterFile conf = ClusterFile.load(file, overrides, node);
    CountDownLatch stop = new CountDownLatch(1);
    Signals.register("INT", stop::countDown);
    Signals.register("TERM", stop::countDown);
    try (FrozenModel model = FrozenModel.open(conf.model(), conf.modelOptions());
        ClusterRuntime runtime = ClusterRuntime.start(model, conf.runtime(), conf.cluster())) {
      print("node " + runtime.address() + " is up");
      ClusterLoad load = new ClusterLoad(conf, runtime);
      do {
        print("nodes " + String.join(" ", runtime.nodes()) + "; " + load.round());
      } while (!stop.await(conf.load().intervalMillis(), TimeUnit.MILLISECONDS));
      print("leaving");
    }
    print("left");
    return 0;
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
