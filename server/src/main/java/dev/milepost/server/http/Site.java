package dev.milepost.server.http;

import dev.milepost.server.http.transcode.Transcoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** What is served: each path goes to the part that it belongs to. */
public final class Site extends Handler.Abstract {
  private final OperatorPages pages;
  private final Transcoder api;
  private final StartPage start;
  private final StaticFiles files;
  private final String version;

  /** Null before it is first read: making it takes a while. */
  private volatile @Nullable StaticFile openApi;

  /**
   * Puts the parts together.
   *
   * @param metrics returns the text of the metrics page, on any thread
   * @param health returns what the health pages show, on any thread; must not block
   * @param api the RPCs
   * @param description what a browser is told of the server
   */
  public Site(
      Supplier<String> metrics,
      Supplier<HealthReport> health,
      Transcoder api,
      SiteDescription description) {
    this.pages = new OperatorPages(metrics, health);
    this.api = api;
    this.version = description.version();
    this.files = new StaticFiles(description);
    this.start = new StartPage(description, files);
  }

  private StaticFile openApi() {
    StaticFile known = openApi;
    if (known == null) {
      known = StaticFile.of("openapi.json", api.describe(version).getBytes(StandardCharsets.UTF_8));
      openApi = known;
    }
    return known;
  }

  /** Called once, when the server has started. */
  void started(Scheduler scheduler) {
    api.start(scheduler);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    String path = SiteGuard.path(request);
    if (OperatorPages.has(path)) {
      pages.handle(request, response, callback, path);
    } else if (path.equals("/")) {
      start.handle(request, response, callback);
    } else if (path.equals("/openapi.json") && request.getMethod().equals("GET")) {
      StaticFiles.write(openApi(), request, response, callback);
    } else if (StaticFiles.has(path)) {
      files.handle(request, response, callback, path);
    } else if (SiteGuard.mayCarryCredentials(request)) {
      api.handle(request, response, callback, path);
    } else {
      Texts.write(response, callback, 403, Texts.PLAIN, SiteGuard.UNENCRYPTED);
    }
    return true;
  }
}
