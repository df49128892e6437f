package io.acclimate.simulators.cli;

import io.acclimate.actors.AdapterServing;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.RuntimeJournal;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.metrics.ProcessMetrics;
import io.acclimate.actors.serve.InferenceServer;
import io.acclimate.actors.serve.StreamCatalog;
import io.acclimate.replay.event.RunStarted;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.serve.HttpFront;
import io.acclimate.simulators.serve.ServeFile;
import io.acclimate.simulators.serve.ServeFileLoader;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves streams over HTTP until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Serves a frozen model to many streams over HTTP, with a live page.",
      "The protocol is the Open Inference Protocol, version 2; the live page is at /. "
          + "With a section learner it also learns from the labels that clients send back. "
          + "Ctrl-C stops: requests under way are answered, state is saved to the journal and "
          + "the learner's folder if there are any (exit code 0)."
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
    LogTimes.show();
    ServeFile conf = ServeFileLoader.load(file, overrides);
    StopSignal stop = StopSignal.listen();
    try (FrozenModel model = FrozenModel.open(conf.model(), conf.modelOptions());
        AdaptiveRuntime runtime = start(conf, model)) {
      HttpFront http = port == null ? conf.http() : conf.http().onPort(port);
      PrometheusMeterRegistry meters = http.watch(runtime);
      conf.journal().ifPresent(folder -> ProcessMetrics.registerJournal(meters, folder));
      Optional<BackgroundLearner> learner = conf.learner().map(with -> with.start(runtime));
      StreamCatalog streams = http.catalog(runtime);
      conf.streams().forEach(s -> streams.open(s.id(), s.method(), s.settings()));
      try (InferenceServer server = http.start(model, conf.runtime(), streams, learner, meters)) {
        print("serving " + model.name() + " at " + server.uri());
        stop.await();
        print("stopping");
      }
    }
    print("stopped");
    return 0;
  }

  private static AdaptiveRuntime start(ServeFile conf, FrozenModel model) {
    Optional<AdapterServing> adapters = conf.adapters().open(conf.learner(), model, conf.runtime());
    Optional<RuntimeJournal> journal = conf.journal().map(folder -> journal(conf, folder, model));
    try {
      if (adapters.isPresent()) {
        return AdaptiveRuntime.start(model, conf.runtime(), journal, adapters.get());
      }
      return journal.isPresent()
          ? AdaptiveRuntime.start(model, conf.runtime(), journal.get())
          : AdaptiveRuntime.start(model, conf.runtime());
    } catch (RuntimeException e) {
      journal.ifPresent(RuntimeJournal::abandon);
      throw e;
    }
  }

  private static RuntimeJournal journal(ServeFile conf, Path folder, FrozenModel model) {
    boolean goesOn = Files.exists(folder.resolve("records"));
    RuntimeJournal journal =
        RuntimeJournal.open(folder, conf.journalSettings(), model, conf.runtime()).forClients();
    if (!goesOn) {
      journal.started(new RunStarted("serve", "{}"));
    }
    return journal;
  }

  private void print(String line) {
    Lines.print(spec.commandLine().getOut(), line);
  }
}
