package io.acclimate.simulators.cli;

import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.RuntimeJournal;
import io.acclimate.actors.metrics.FlightRecording;
import io.acclimate.actors.metrics.ProcessMetrics;
import io.acclimate.actors.metrics.RuntimeMetrics;
import io.acclimate.actors.serve.InferenceServer;
import io.acclimate.actors.serve.ServeSettings;
import io.acclimate.actors.serve.StreamCatalog;
import io.acclimate.replay.event.RunStarted;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.serve.ServeFile;
import io.acclimate.simulators.serve.ServeFileLoader;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jline.utils.Signals;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves streams over HTTP until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Serves a frozen model to many streams over HTTP (Open Inference Protocol, version 2), with",
      "a live page at /. Ctrl-C stops: requests under way are answered, state is saved to the",
      "journal if there is one (exit code 0)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ServeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CONF", description = "What to serve (HOCON); see examples/serve.conf.")
  private Path file;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "The port, in place of serve.port; 0: any that is free.")
  private Integer port;

  @Option(
      names = "--set",
      paramLabel = "k=v",
      description = "Overrides a setting, such as serve.host=0.0.0.0; may be repeated.")
  private List<String> overrides = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    ServeFile conf = ServeFileLoader.load(file, overrides);
    CountDownLatch stop = new CountDownLatch(1);
    Signals.register("INT", stop::countDown);
    Signals.register("TERM", stop::countDown);
    try (FrozenModel model = FrozenModel.open(conf.model(), conf.modelOptions());
        AdaptiveRuntime runtime = start(conf, model)) {
      PrometheusMeterRegistry meters = meters(conf, runtime);
      runtime.addListener(new FlightRecording());
      StreamCatalog streams = new StreamCatalog(runtime, conf.newStreams());
      conf.streams().forEach(s -> streams.open(s.id(), s.method(), s.settings()));
      InferenceServer.Content content =
          new InferenceServer.Content(
              model,
              conf.runtime().logitsOutput(),
              conf.classNames(),
              streams,
              Optional.empty(),
              Optional.of(meters));
      ServeSettings settings = port == null ? conf.serve() : conf.serve().withPort(port);
      try (InferenceServer server = InferenceServer.start(settings, content)) {
        server.drain(conf.runtime().drain());
        print("serving " + model.name() + " at " + server.uri());
        stop.await();
        print("stopping");
      }
    }
    print("stopped");
    return 0;
  }

  private static PrometheusMeterRegistry meters(ServeFile conf, AdaptiveRuntime runtime) {
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    RuntimeMetrics.of(runtime, meters, conf.metrics());
    ProcessMetrics.register(meters);
    conf.journal().ifPresent(folder -> ProcessMetrics.registerJournal(meters, folder));
    return meters;
  }

  private static AdaptiveRuntime start(ServeFile conf, FrozenModel model) {
    if (conf.journal().isEmpty()) {
      return AdaptiveRuntime.start(model, conf.runtime());
    }
    Path folder = conf.journal().get();
    boolean goesOn = Files.exists(folder.resolve("records"));
    RuntimeJournal journal =
        RuntimeJournal.open(folder, conf.journalSettings(), model, conf.runtime());
    try {
      if (!goesOn) {
        journal.started(new RunStarted("serve", "{}"));
      }
      return AdaptiveRuntime.start(model, conf.runtime(), journal);
    } catch (RuntimeException e) {
      journal.abandon();
      throw e;
    }
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
