package io.acclimate.actors.serve;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers errors that the HTTP library finds: one sentence in JSON, nothing of their cause. */
final class JsonErrors implements Request.Handler {
  private final RefusalLog refusals;

  JsonErrors(RefusalLog refusals) {
    this.refusals = refusals;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    if (status == HttpStatus.TOO_MANY_REQUESTS_429) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, 1);
    }
    new Exchange(request, response, callback, refusals)
        .refuse(status, HttpStatus.getMessage(status));
    return true;
  }
}
