package io.acclimate.actors.serve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Finds what answers a request by its method and path. Filled before it is started. */
final class Router extends Handler.Abstract {
  private final List<Route> routes = new ArrayList<>();
  private final RefusalLog refusals;

  /** Answers one kind of request. */
  @FunctionalInterface
  interface Action {
    /**
     * @param names the parts of the path that the template names
     */
    void answer(Exchange exchange, Map<String, String> names);
  }

  private record Route(HttpMethod method, List<String> template, Action action) {
    /** The named parts where the path fits; else null. */
    Map<String, String> match(List<String> path) {
      if (path.size() != template.size()) {
        return null;
      }
      Map<String, String> names = new LinkedHashMap<>();
      for (int i = 0; i < path.size(); i++) {
        String part = template.get(i);
        if (part.startsWith("{")) {
          names.put(part.substring(1, part.length() - 1), path.get(i));
        } else if (!part.equals(path.get(i))) {
          return null;
        }
      }
      return names;
    }
  }

  Router(RefusalLog refusals) {
    this.refusals = refusals;
  }

  /**
   * Adds a route.
   *
   * @param template a path whose parts in braces stand for any text
   */
  Router add(HttpMethod method, String template, Action action) {
    routes.add(new Route(method, parts(template), action));
    return this;
  }

  private static List<String> parts(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Exchange exchange = new Exchange(request, response, callback, refusals);
    exchange.guarded(() -> route(exchange));
    return true;
  }

  private void route(Exchange exchange) {
    String asked = exchange.request().getMethod();
    String method = HttpMethod.HEAD.is(asked) ? HttpMethod.GET.asString() : asked;
    List<String> path = parts(Request.getPathInContext(exchange.request()));
    Set<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      Map<String, String> names = route.match(path);
      if (names != null && route.method().is(method)) {
        route.action().answer(exchange, names);
        return;
      }
      if (names != null) {
        allowed.add(route.method().asString());
      }
    }
    if (allowed.isEmpty()) {
      throw new RefusedException(HttpStatus.NOT_FOUND_404, "there is nothing at this path");
    }
    exchange.response().getHeaders().put(HttpHeader.ALLOW, String.join(", ", allowed));
    throw new RefusedException(
        HttpStatus.METHOD_NOT_ALLOWED_405, "expected method " + String.join(" or ", allowed));
  }
}
