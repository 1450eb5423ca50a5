package dev.milepost.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files for browsers, over a real connection. */
class StaticFilesTest {
  private final Server server =
      new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    StaticFiles files =
        new StaticFiles(
            StaticFilesTest.class.getClassLoader(),
            "ui-test/",
            new SiteDescription("1", "localhost:1", "", false));
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            files.handle(request, response, callback, request.getHttpURI().getPath());
            return true;
          }
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private HttpResponse<byte[]> send(String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.getURI() + path.substring(1)))
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void thePageMayRunItsImportMapAndFilesOnly() throws Exception {
    HttpResponse<byte[]> page = send("GET", "/ui/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(header(page, "content-type")).isEqualTo("text/html; charset=utf-8");
    String text = new String(page.body(), StandardCharsets.UTF_8);
    String start = "<script type=\"importmap\">";
    String map = text.substring(text.indexOf(start) + start.length(), text.indexOf("</script>"));
    String hash =
        Base64.getEncoder()
            .encodeToString(
                MessageDigest.getInstance("SHA-256").digest(map.getBytes(StandardCharsets.UTF_8)));
    assertThat(header(page, "content-security-policy"))
        .contains("default-src 'self'; script-src 'self' 'sha256-" + hash + "';")
        .doesNotContain("unsafe");
  }

  @Test
  void filesAreCheckedForChanges() throws Exception {
    HttpResponse<byte[]> first = send("GET", "/ui/parts/app.js");
    assertThat(header(first, "content-type")).isEqualTo("text/javascript; charset=utf-8");
    assertThat(header(first, "cache-control")).isEqualTo("no-cache");
    String etag = header(first, "etag");
    assertThat(etag).matches("\"[0-9a-f]{32}\"");
    HttpResponse<byte[]> again = send("GET", "/ui/parts/app.js", "if-none-match", etag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(send("GET", "/ui/parts/app.js", "if-none-match", "\"0\"").statusCode())
        .isEqualTo(200);
  }

  @Test
  void filesAreCompressedForThoseWhoTakeIt() throws Exception {
    HttpResponse<byte[]> plain = send("GET", "/ui/parts/app.js");
    HttpResponse<byte[]> gzip = send("GET", "/ui/parts/app.js", "accept-encoding", "br, gzip");
    assertThat(header(gzip, "content-encoding")).isEqualTo("gzip");
    assertThat(header(gzip, "vary")).isEqualTo("Accept-Encoding");
    assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip.body())).readAllBytes())
        .isEqualTo(plain.body());
    assertThat(gzip.body().length).isLessThan(plain.body().length);
    HttpResponse<byte[]> refused = send("GET", "/ui/parts/app.js", "accept-encoding", "gzip;q=0");
    assertThat(header(refused, "content-encoding")).isEmpty();
  }

  @Test
  void librariesHaveNoVersionInTheirPath() throws Exception {
    HttpResponse<byte[]> library = send("GET", "/ui/lib/sample/src/sample.js");
    assertThat(new String(library.body(), StandardCharsets.UTF_8)).contains("sample = 1");
    assertThat(send("GET", "/ui/lib/absent/a.js").statusCode()).isEqualTo(404);
    assertThat(send("GET", "/ui/lib/sample").statusCode()).isEqualTo(404);
  }

  @Test
  void nothingElseIsServed() throws Exception {
    for (String path :
        List.of(
            "/ui/absent.js",
            "/ui/parts",
            "/ui/parts/",
            "/ui//index.html",
            "/ui/.hidden",
            "/ui/parts/..%2f..%2freference.conf",
            "/ui/lib/sample/..%2f..%2f..%2freference.conf",
            "/ui/lib/../reference.conf")) {
      assertThat(send("GET", path).statusCode()).as(path).isIn(400, 404);
    }
  }

  @Test
  void onlyGetAndHeadAreAllowed() throws Exception {
    HttpResponse<byte[]> head = send("HEAD", "/ui/parts/app.js");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(header(head, "content-length")).isNotEqualTo("0");
    HttpResponse<byte[]> post = send("POST", "/ui/parts/app.js");
    assertThat(post.statusCode()).isEqualTo(405);
    assertThat(header(post, "allow")).isEqualTo("GET, HEAD");
    HttpResponse<byte[]> folder = send("GET", "/ui");
    assertThat(folder.statusCode()).isEqualTo(308);
    assertThat(header(folder, "location")).isEqualTo("ui/");
  }
}
