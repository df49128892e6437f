package io.acclimate.tests.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A command that serves over HTTP, and a client of it. */
public final class Service {
  private static final Pattern ADDRESS = Pattern.compile("serving \\S+ at (http://\\S+)\\R");
  private static final int MESSAGES = 600;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Command command;
  private final URI address;
  private final String token;
  private final HttpClient client = HttpClient.newHttpClient();

  /** An answer with its body as JSON. */
  public record Answer(int status, JsonNode json) {}

  private Service(Command command, URI address, String token) {
    this.command = command;
    this.address = address;
    this.token = token;
  }

  /**
   * Waits until a command serves.
   *
   * @param token what calls are made with; empty for none
   */
  public static Service of(Command command, String token) throws Exception {
    while (command.process().isAlive()) {
      Matcher found = ADDRESS.matcher(command.outputSoFar());
      if (found.find()) {
        return new Service(command, URI.create(found.group(1)), token);
      }
      Thread.sleep(50);
    }
    throw new AssertionError(command.finish().error());
  }

  /** The port. */
  public int port() {
    return address.getPort();
  }

  /** Gets a path. */
  public Answer get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(address.resolve(path)));
  }

  /** Posts JSON to a path. */
  public Answer post(String path, String body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(address.resolve(path))
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /** Whether something that happened, before or in the next minutes, was told with these words. */
  public boolean tells(String words) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address.resolve("/events")).build();
    try (Stream<String> lines = client.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
      return lines.limit(MESSAGES).anyMatch(line -> line.contains(words));
    }
  }

  private Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  /** Sends the process a signal and waits for its end. */
  public Command.Result signal(String name) throws Exception {
    return command.signal(name);
  }

  /** Ends the process as Ctrl-C does. */
  public Command.Result interrupt() throws Exception {
    return command.interrupt();
  }
}
