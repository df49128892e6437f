package io.acclimate.actors.serve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets in who may come in. Calls that control streams need the token always; beyond loopback
 * everything does but health checks and the bare page. Pages of other sites are kept out: a request
 * with a foreign {@code Origin}, and on loopback one under a foreign host name.
 */
final class Gatekeeper extends Handler.Wrapper {
  private static final Set<String> OPEN_PATHS = Set.of("/", "/v2/health/live", "/v2/health/ready");
  private static final Set<String> LOOPBACK_NAMES =
      Set.of("localhost", "127.0.0.1", "[::1]", "::1");
  private static final String BEARER = "bearer ";

  private final ServeSettings settings;
  private final RefusalLog refusals;
  private final boolean loopback;
  private final Optional<byte[]> tokenHash;

  Gatekeeper(ServeSettings settings, RefusalLog refusals, Handler inside) {
    super(inside);
    this.settings = settings;
    this.refusals = refusals;
    this.loopback = settings.loopback();
    this.tokenHash = settings.token().map(Gatekeeper::hash);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    Exchange exchange = new Exchange(request, response, callback, refusals);
    if (isForeign(request)) {
      exchange.refuse(HttpStatus.FORBIDDEN_403, "requests of other sites' pages are not served");
      return true;
    }
    boolean control = controls(request);
    boolean open = loopback || OPEN_PATHS.contains(Request.getPathInContext(request));
    if (control && tokenHash.isEmpty()) {
      exchange.refuse(HttpStatus.FORBIDDEN_403, "this call needs a token; serve.token sets one");
      return true;
    }
    if ((control || !open) && !hasToken(request)) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
      exchange.refuse(HttpStatus.UNAUTHORIZED_401, "expected the bearer token");
      return true;
    }
    return super.handle(request, response, callback);
  }

  /** Whatever changes something, and is neither inference nor a label for one, controls. */
  private static boolean controls(Request request) {
    boolean reads =
        HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
    String path = Request.getPathInContext(request);
    boolean asks = path.endsWith("/infer") || path.endsWith("/feedback");
    return !reads && !(asks && HttpMethod.POST.is(request.getMethod()));
  }

  private boolean isForeign(Request request) {
    String host = Request.getServerName(request).toLowerCase(Locale.ROOT);
    boolean known = LOOPBACK_NAMES.contains(host) || host.equalsIgnoreCase(settings.host());
    if (loopback && !known) {
      return true;
    }
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    String here = "://" + request.getHeaders().get(HttpHeader.HOST);
    return origin != null
        && !origin.toLowerCase(Locale.ROOT).endsWith(here.toLowerCase(Locale.ROOT));
  }

  private boolean hasToken(Request request) {
    String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    boolean bearer = given != null && given.toLowerCase(Locale.ROOT).startsWith(BEARER);
    String token = bearer ? given.substring(BEARER.length()).strip() : "";
    return tokenHash.isPresent() && MessageDigest.isEqual(tokenHash.get(), hash(token));
  }

  /** Hashes have one length, so comparing them tells nothing of the token's. */
  private static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
