package io.acclimate.actors.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.eclipse.jetty.http.HttpStatus;

/**
 * The live page: one file without requests to elsewhere. Its policy lets a browser run its own
 * script and style, known by their hashes, and nothing else.
 */
final class LivePage {
  private static final String RESOURCE = "live.html";

  private final byte[] page;
  private final String policy;

  LivePage() {
    String text = read();
    this.page = text.getBytes(StandardCharsets.UTF_8);
    this.policy =
        "default-src 'none'; connect-src 'self'; img-src data:; script-src '%s'; style-src '%s'; "
                .formatted(hash(text, "script"), hash(text, "style"))
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  void answer(Exchange exchange) {
    exchange.response().getHeaders().put("Content-Security-Policy", policy);
    exchange.response().getHeaders().put("Referrer-Policy", "no-referrer");
    exchange.send(HttpStatus.OK_200, "text/html; charset=utf-8", page);
  }

  private static String read() {
    try (InputStream in = LivePage.class.getResourceAsStream(RESOURCE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The hash of an element's text, as a policy has it. */
  private static String hash(String text, String element) {
    int begin = text.indexOf("<" + element + ">") + element.length() + 2;
    String inner = text.substring(begin, text.indexOf("</" + element + ">"));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(inner.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
