package dev.milepost.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The dashboard as a browser loads it: the page, its modules and the libraries that they import.
 */
class DashboardTest {
  /** What the page of jobs may take compressed, in bytes. */
  private static final int MAX_FIRST_LOAD = 80_000;

  private static final Path SOURCES =
      Path.of("../dashboard/src/main/resources/dev/milepost/dashboard");

  private static final Pattern IMPORT_MAP =
      Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);
  private static final Pattern MAPPED = Pattern.compile("\"([^\"]+)\": \"([^\"]+)\"");
  private static final Pattern ADDRESS = Pattern.compile("(?:src|href)=\"(/[^\"]*)\"");

  /** With {@code from}, without a name, or later; libraries are minified. */
  private static final Pattern IMPORT =
      Pattern.compile("(?:\\bfrom\\s*|\\bimport\\s*)(\\()?\\s*[\"']([@\\w./-]+)[\"']");

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void open() throws IOException {
    server = new HttpServer(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void browsersGetThePageWithAPolicyThatFitsIt() throws Exception {
    TestSites.serve(server, "", false);
    HttpResponse<String> page = browse("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    String policy = header(page, "Content-Security-Policy");
    assertThat(policy)
        .contains("default-src 'self'", "'sha256-" + sha256(importMap(page.body())) + "'")
        .doesNotContain("unsafe");
    HttpRequest again =
        request("/")
            .header("Accept", "text/html")
            .header("If-None-Match", header(page, "ETag"))
            .build();
    assertThat(send(again).statusCode()).isEqualTo(304);
  }

  @Test
  void viewsAreThePage() throws Exception {
    TestSites.serve(server, "", false);
    String page = browse("/").body();
    for (String view :
        List.of("/ui/", "/ui/overview", "/ui/jobs", "/ui/jobs/my.job.js", "/ui/tasks")) {
      HttpResponse<String> found = browse(view + "?state=FAILED");
      assertThat(found.body()).as(view).isEqualTo(page);
      assertThat(header(found, "Content-Type")).as(view).startsWith("text/html");
    }
    assertThat(browse("/ui/nothing").statusCode()).isEqualTo(404);
    assertThat(browse("/ui/app/nothing.js").statusCode()).isEqualTo(404);
  }

  @Test
  void otherProgramsGetText() throws Exception {
    TestSites.serve(server, "", false);
    HttpResponse<String> text = send(request("/").build());
    assertThat(header(text, "Content-Type")).startsWith("text/plain");
    assertThat(text.body()).contains("POST /v1/jobs", "localhost:1");
  }

  @Test
  void thePageLearnsWhetherCallersAreBelieved() throws Exception {
    TestSites.serve(server, "", true);
    HttpResponse<String> site = send(request("/ui/site.json").build());
    assertThat(header(site, "Content-Type")).isEqualTo("application/json");
    assertThat(site.body())
        .contains("\"development\":true", "\"version\":\"1\"", "\"grpc\":\"localhost:1\"");
  }

  @Test
  void everyImportIsServedAndNoModuleIsLeftOver() throws Exception {
    TestSites.serve(server, "", true);
    Map<String, String> served = load("/", true);
    served.putAll(load("/ui/elements.html", true));
    served.putAll(modules("/ui/shared/shared.js", Map.of(), true));
    List<String> own;
    try (Stream<Path> files = Files.walk(SOURCES)) {
      own =
          files
              .filter(file -> file.toString().endsWith(".js"))
              .map(file -> "/ui/" + SOURCES.relativize(file).toString().replace('\\', '/'))
              .toList();
    }
    assertThat(served.keySet()).containsAll(own);
    assertThat(served.keySet()).anyMatch(path -> path.startsWith("/ui/lib/lit-html/"));
  }

  @Test
  void thePageOfElementsIsForDevelopmentOnly() throws Exception {
    TestSites.serve(server, "", false);
    assertThat(browse("/ui/elements.html").statusCode()).isEqualTo(404);
  }

  @Test
  void theFirstLoadIsSmall() throws Exception {
    TestSites.serve(server, "", false);
    Map<String, String> first = load("/", false);
    first.putAll(modules("/ui/elements/jobs/mp-jobs.js", importsOf("/"), false));
    int bytes = 0;
    for (String text : first.values()) {
      bytes += compressed(text);
    }
    assertThat(bytes).as("%d files", first.size()).isBetween(10_000, MAX_FIRST_LOAD);
  }

  @Test
  void nothingNeedsWhatThePolicyRefuses() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file);
        assertThat(text)
            .as(file.toString())
            .doesNotContain("style=\"", "style=${", "<style", "innerHTML", "unsafeHTML", "eval(")
            .doesNotContainPattern("\\son[a-z]+=\"")
            .doesNotContainPattern("(?:src|href)=\"(?:https?:)?//");
      }
    }
  }

  @Test
  void addressesHaveTheBasePath() throws Exception {
    TestSites.serve(server, "/milepost", false);
    HttpResponse<String> page = browse("/milepost/");
    Matcher address = ADDRESS.matcher(page.body());
    while (address.find()) {
      assertThat(address.group(1)).startsWith("/milepost/ui/");
      assertThat(browse(address.group(1)).statusCode()).as(address.group(1)).isEqualTo(200);
    }
    String map = importMap(page.body());
    assertThat(map).contains("\"/milepost/ui/lib/lit/\"");
    assertThat(header(page, "Content-Security-Policy")).contains(sha256(map));
  }

  /** Loads a page and what it names. Returns the texts by path. */
  private Map<String, String> load(String path, boolean withLater) throws Exception {
    Map<String, String> loaded = new TreeMap<>();
    String page = browse(path).body();
    loaded.put(path, page);
    Matcher address = ADDRESS.matcher(page);
    while (address.find()) {
      String found = address.group(1);
      if (found.endsWith(".js")) {
        loaded.putAll(modules(found, importsOf(path), withLater));
      } else {
        loaded.put(found, ok(found).body());
      }
    }
    return loaded;
  }

  /** Loads a module and what it imports. Returns the texts by path. */
  private Map<String, String> modules(String first, Map<String, String> map, boolean withLater)
      throws Exception {
    Map<String, String> loaded = new TreeMap<>();
    Deque<String> waiting = new ArrayDeque<>(List.of(first));
    while (!waiting.isEmpty()) {
      String path = waiting.remove();
      if (loaded.containsKey(path)) {
        continue;
      }
      HttpResponse<String> module = ok(path);
      assertThat(header(module, "Content-Type"))
          .as(path)
          .isEqualTo("text/javascript; charset=utf-8");
      assertThat(header(module, "ETag")).as(path).isNotEmpty();
      loaded.put(path, module.body());
      Matcher imported = IMPORT.matcher(module.body());
      while (imported.find()) {
        boolean isLater = imported.group(1) != null;
        if (withLater || !isLater) {
          waiting.add(resolve(path, imported.group(2), map));
        }
      }
    }
    return loaded;
  }

  private static String resolve(String from, String name, Map<String, String> map) {
    if (name.startsWith(".")) {
      return URI.create(from).resolve(name).getPath();
    }
    String exact = map.get(name);
    if (exact != null) {
      return exact;
    }
    return map.entrySet().stream()
        .filter(entry -> entry.getKey().endsWith("/") && name.startsWith(entry.getKey()))
        .map(entry -> entry.getValue() + name.substring(entry.getKey().length()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("%s imports %s".formatted(from, name)));
  }

  private Map<String, String> importsOf(String page) throws Exception {
    Map<String, String> map = new TreeMap<>();
    Matcher mapped = MAPPED.matcher(importMap(browse(page).body()));
    while (mapped.find()) {
      map.put(mapped.group(1), mapped.group(2));
    }
    return map;
  }

  private static String importMap(String page) {
    Matcher map = IMPORT_MAP.matcher(page);
    assertThat(map.find()).isTrue();
    return map.group(1);
  }

  private static String sha256(String text) throws Exception {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().encodeToString(hash);
  }

  private static int compressed(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.size();
  }

  private HttpResponse<String> ok(String path) throws Exception {
    HttpResponse<String> response = send(request(path).build());
    assertThat(response.statusCode()).as(path).isEqualTo(200);
    return response;
  }

  private HttpResponse<String> browse(String path) throws Exception {
    return send(
        request(path).header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8").build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)));
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
