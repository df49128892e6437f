package io.acclimate.runtime.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One page in a headless Chromium, driven over its DevTools protocol. */
public final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final int HANG_SECONDS = 120;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private int id;

  /** The browser of this machine, if it has one. */
  public static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it.
   *
   * @param profile an empty folder for its files
   */
  public Browser(Path executable, Path profile) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                executable.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("log.txt").toFile());
    builder.environment().put("TMPDIR", profile.toString());
    process = builder.start();
    int port = port(profile.resolve("DevToolsActivePort"));
    String page = pageSocket(port);
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(page), new Listener())
            .get(HANG_SECONDS, TimeUnit.SECONDS);
    call("Page.enable", Map.of());
    call("Network.enable", Map.of());
    call("Runtime.enable", Map.of());
    call("Log.enable", Map.of());
  }

  private int port(Path file) throws Exception {
    for (int i = 0; i < HANG_SECONDS * 10 && process.isAlive(); i++) {
      if (Files.exists(file) && Files.size(file) > 0) {
        return Integer.parseInt(Files.readAllLines(file).get(0));
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("the browser has not started");
  }

  private static String pageSocket(int port) throws Exception {
    for (int i = 0; i < HANG_SECONDS * 10; i++) {
      for (JsonNode target : targets(port)) {
        if (target.get("type").asText().equals("page")) {
          return target.get("webSocketDebuggerUrl").asText();
        }
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("the browser has no page");
  }

  private static JsonNode targets(int port) throws Exception {
    URI list = URI.create("http://127.0.0.1:" + port + "/json");
    return JSON.readTree(
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString())
            .body());
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        take(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private void take(String message) {
    JsonNode json;
    try {
      json = JSON.readTree(message);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    switch (json.path("method").asText()) {
      case "" -> answers.add(json);
      case "Network.requestWillBeSent" -> requests.add(json.at("/params/request/url").asText());
      case "Runtime.exceptionThrown" ->
          problems.add(json.at("/params/exceptionDetails").toString());
      case "Log.entryAdded" -> problems.add(json.at("/params/entry/text").asText());
      default -> {
        // nothing that a test looks at
      }
    }
  }

  private JsonNode call(String method, Map<String, Object> parameters) throws Exception {
    id++;
    Map<String, Object> call = Map.of("id", id, "method", method, "params", parameters);
    socket.sendText(JSON.writeValueAsString(call), true).get(HANG_SECONDS, TimeUnit.SECONDS);
    JsonNode answer = answers.poll(HANG_SECONDS, TimeUnit.SECONDS);
    if (answer == null || answer.get("id").asInt() != id || answer.has("error")) {
      throw new IllegalStateException(method + ": " + answer);
    }
    return answer.get("result");
  }

  /** Opens a page at this width in CSS pixels; below 500 as a phone does. */
  public void show(URI page, int width, boolean dark) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500));
    Map<String, String> scheme =
        Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
    call("Page.navigate", Map.of("url", page.toString()));
  }

  /** The value of an expression in the page. */
  public JsonNode value(String expression) throws Exception {
    JsonNode result =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    return result.at("/result/value");
  }

  /** Waits until an expression is true. */
  public void await(String expression) throws Exception {
    for (int i = 0; i < HANG_SECONDS * 10; i++) {
      if (value(expression).asBoolean()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("never true: " + expression + "; the page says " + problems);
  }

  /** The addresses that pages have asked for. */
  public List<String> requests() {
    return new ArrayList<>(requests);
  }

  /** What pages threw or logged. */
  public List<String> problems() {
    return new ArrayList<>(problems);
  }

  @Override
  public void close() {
    socket.abort();
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(one -> one.onExit().join());
  }
}
