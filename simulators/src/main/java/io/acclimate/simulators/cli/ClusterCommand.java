package io.acclimate.simulators.cli;

import io.acclimate.actors.cluster.ClusterRuntime;
import io.acclimate.actors.serve.InferenceServer;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.cluster.ClusterFile;
import io.acclimate.simulators.cluster.ClusterLoad;
import io.acclimate.simulators.serve.HttpFront;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one node of a cluster under a simulated load until it is told to stop. */
@Command(
    name = "cluster",
    description = {
      "Runs one node of a cluster whose streams move when nodes come and go.",
      "It serves the streams of all nodes over HTTP as serve does, where the file or "
          + "--port gives it a port, and puts them under a simulated load if there is one. "
          + "Ctrl-C hands the node's streams over and leaves the cluster (exit code 0)."
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
      names = "--port",
      paramLabel = "P",
      description = "The port for HTTP, in place of the node's in http-ports; 0: any that is free.")
  private Integer port;

  @Option(
      names = "--set",
      paramLabel = "k=v",
      description = "Overrides a setting, such as load.streams=30; may be repeated.")
  private List<String> overrides = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    LogTimes.show();
    ClusterFile conf = ClusterFile.load(file, overrides, node);
    StopSignal stop = StopSignal.listen();
    try (FrozenModel model = FrozenModel.open(conf.model(), conf.modelOptions());
        ClusterRuntime runtime = ClusterRuntime.start(model, conf.runtime(), conf.cluster());
        InferenceServer server = serve(conf, model, runtime)) {
      print("node " + runtime.address() + " is up");
      if (server != null) {
        print("serving " + model.name() + " at " + server.uri());
      }
      Optional<ClusterLoad> load = conf.data().map(data -> new ClusterLoad(conf, data, runtime));
      String told = "";
      do {
        String now = "nodes " + String.join(" ", runtime.nodes());
        now += load.map(asking -> "; " + asking.round()).orElse("");
        if (!now.equals(told)) {
          print(now);
        }
        told = now;
      } while (!stop.await(conf.load().intervalMillis()));
      print("leaving");
    }
    print("left");
    return 0;
  }

  /** Serves over HTTP; null where the node has no port for it. */
  private InferenceServer serve(ClusterFile conf, FrozenModel model, ClusterRuntime node) {
    OptionalInt at = port == null ? conf.httpPort() : OptionalInt.of(port);
    if (at.isEmpty()) {
      return null;
    }
    HttpFront http = conf.http().onPort(at.getAsInt());
    return http.start(
        model, conf.runtime(), conf.catalog(node), Optional.empty(), http.watch(node.runtime()));
  }

  private void print(String line) {
    Lines.print(spec.commandLine().getOut(), line);
  }
}
