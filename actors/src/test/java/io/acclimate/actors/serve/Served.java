package io.acclimate.actors.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdapterServing;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.ServedStream;
import io.acclimate.actors.StreamHost;
import io.acclimate.actors.cluster.ClusterRuntime;
import io.acclimate.actors.cluster.ClusterSettings;
import io.acclimate.actors.cluster.Nodes;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.actors.metrics.MetricsSettings;
import io.acclimate.actors.metrics.ProcessMetrics;
import io.acclimate.actors.metrics.RuntimeMetrics;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.testing.TinyModels;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A model served on a free port of loopback: as a rule a tiny one of three classes. */
final class Served implements AutoCloseable {
  static final String TOKEN = "a-token-of-tests-0123456789";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HANG_MILLIS = 600_000;

  final FrozenModel model;
  final AdaptiveRuntime runtime;
  private final Runnable closing;
  final StreamCatalog streams;
  final InferenceServer server;
  final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final HttpClient client = HttpClient.newHttpClient();

  Served(Path folder, String settings) throws IOException {
    this(tiny(folder), settings);
  }

  private Served(FrozenModel tiny, String settings) {
    this(tiny, AdaptiveRuntime.start(tiny), Optional.empty(), settings, List.of("a", "b", "c"));
  }

  private Served(
      FrozenModel model,
      AdaptiveRuntime runtime,
      Optional<Path> learner,
      String settings,
      List<String> classNames) {
    this(
        model, runtime, runtime, runtime::close, rules(4, "frozen"), learner, settings, classNames);
  }

  private static StreamCatalog.Rules rules(int max, String method) {
    return new StreamCatalog.Rules("default", true, max, method, ConfigFactory.empty());
  }

  private Served(
      FrozenModel model,
      AdaptiveRuntime runtime,
      StreamHost host,
      Runnable closing,
      StreamCatalog.Rules rules,
      Optional<Path> learner,
      String settings,
      List<String> classNames) {
    this.model = model;
    this.runtime = runtime;
    this.closing = closing;
    RuntimeMetrics.of(runtime, meters, MetricsSettings.defaults());
    ProcessMetrics.register(meters);
    streams = new StreamCatalog(host, rules);
    server =
        InferenceServer.start(
            ServeSettings.of(ConfigFactory.parseString("port = 0\n" + settings)),
            new InferenceServer.Content(
                model,
                RuntimeSettings.defaults().logitsOutput(),
                classNames,
                streams,
                learner.map(place -> runtime.startLearner(learning(), place)),
                Optional.of(meters)));
  }

  /** A host whose every stream is this one. */
  static Served failing(Path folder, ServedStream stream) throws IOException {
    FrozenModel model = tiny(folder);
    AdaptiveRuntime runtime = AdaptiveRuntime.start(model);
    return new Served(
        model,
        runtime,
        new FakeHost(stream),
        runtime::close,
        rules(4, "frozen"),
        Optional.empty(),
        "",
        List.of());
  }

  /** A node of a cluster. */
  static Served node(Path folder, ClusterSettings cluster, String settings) throws IOException {
    FrozenModel model = Nodes.model(folder);
    ClusterRuntime node = ClusterRuntime.start(model, RuntimeSettings.defaults(), cluster);
    return new Served(
        model,
        node.runtime(),
        node,
        node::close,
        rules(100, "label-shift-em"),
        Optional.empty(),
        settings,
        List.of());
  }

  private static FrozenModel tiny(Path folder) throws IOException {
    return FrozenModel.open(
        TinyModels.linear(folder.resolve("tiny.onnx"), 3, 3, TinyModels.identity(3)));
  }

  private static LearnerSettings learning() {
    return LearnerSettings.of(
        ConfigFactory.parseString(
            "task-samples = 24, held-out-every = 4, batch-size = 6, cpu-share = 1"
                + ", gate { least-gain = -1, most-forgetting = 1 }"
                + ", settings { modules { lora { rank = 2 } }, epochs = 4, rate = 0.02 }"));
  }

  /** The Fashion-MNIST transformer with a learner whose tasks have 24 images, and its bank. */
  static Served learning(Path folder, String settings) {
    AdapterBank bank = AdapterBank.create(folder.resolve("bank"), BankSettings.defaults());
    ServingSettings places =
        ServingSettings.of(ConfigFactory.parseString("lora { rank = 2 }, head.classes = 10"));
    FrozenModel model =
        FrozenModel.open(
            Path.of("../examples/models/fashion-vit.onnx"), new ModelOptions(Device.CPU, 1));
    AdaptiveRuntime runtime =
        AdaptiveRuntime.start(
            model, RuntimeSettings.defaults(), Optional.empty(), new AdapterServing(bank, places));
    return new Served(model, runtime, Optional.of(folder.resolve("learner")), settings, List.of());
  }

  /** An answer with its body as JSON. */
  record Answer(int status, JsonNode json, HttpResponse<byte[]> raw) {
    String error() {
      return json.path("error").asText();
    }
  }

  URI uri(String path) {
    return server.uri().resolve(path);
  }

  Answer get(String path) {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  Answer delete(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).DELETE();
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  Answer post(String path, String body, String... headers) {
    return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  Answer post(String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      String type = response.headers().firstValue("Content-Type").orElse("");
      JsonNode json =
          type.equals("application/json")
              ? JSON.readTree(response.body())
              : JSON.getNodeFactory().missingNode();
      return new Answer(response.statusCode(), json, response);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Sends bytes as they are and returns everything that comes back until the server closes. */
  String raw(String text) throws IOException {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return rest(socket);
    }
  }

  /** Everything that comes until the server closes; with bytes that it has not read, by a reset. */
  static String rest(Socket socket) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(answer);
    } catch (SocketException reset) {
      // what came before it counts
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(HANG_MILLIS);
    return socket;
  }

  @Override
  public void close() {
    server.close();
    closing.run();
    model.close();
  }
}
