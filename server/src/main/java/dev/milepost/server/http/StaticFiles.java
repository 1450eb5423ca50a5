package dev.milepost.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Files for browsers, from the class path: those of the dashboard under {@code /ui/}, and those of
 * WebJars under {@code /ui/lib/NAME/}, without their versions. A browser keeps them and asks
 * whether they have changed.
 *
 * <p>The dashboard is one page, whose script reads the rest of the path: so its views, such as
 * {@code /ui/jobs/JOB}, are all that page. Thread-safe.
 */
final class StaticFiles {
  static final String ROOT = "/ui/";
  private static final String LIBRARIES = "lib/";
  private static final String INDEX = "index.html";

  /** The server's description of itself, for the page. */
  private static final String DESCRIPTION = "site.json";

  /** The first segments of the dashboard's views. No file and no folder has such a name. */
  private static final Set<String> VIEWS = Set.of("overview", "jobs", "tasks", "server");

  /** The elements by themselves, for those who develop the dashboard: its page, another script. */
  private static final String ELEMENTS = "elements.html";

  private static final String MAIN_SCRIPT = "\"/ui/app/main.js\"";
  private static final String ELEMENTS_SCRIPT = "\"/ui/catalog/catalog.js\"";

  /** How pages begin the addresses of files, so that a base path can be put in front. */
  private static final String ADDRESS = "\"/ui/";

  private static final String OWN = "dev/milepost/dashboard/";
  private static final String WEB_JARS = "META-INF/resources/webjars/";
  private static final String WEB_JAR_VERSION = "META-INF/maven/org.webjars.npm/%s/pom.properties";

  /** No segment begins with a dot, so that none leads upwards. */
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_@-][A-Za-z0-9._@-]*(/[A-Za-z0-9_@-][A-Za-z0-9._@-]*)*");

  private final ClassLoader classPath;
  private final String own;
  private final SiteDescription description;

  /** Read once, since the class path does not change. */
  private final ConcurrentHashMap<String, StaticFile> known = new ConcurrentHashMap<>();

  /** Serves the files of the dashboard. */
  StaticFiles(SiteDescription description) {
    this(StaticFiles.class.getClassLoader(), OWN, description);
  }

  /**
   * @param own folder of the files under {@code /ui/}
   */
  StaticFiles(ClassLoader classPath, String own, SiteDescription description) {
    this.classPath = classPath;
    this.own = own;
    this.description = description;
  }

  /** Returns whether a path is for a file. */
  static boolean has(String path) {
    return path.startsWith(ROOT) || path.equals("/ui");
  }

  /** Handles a request for a file. */
  void handle(Request request, Response response, Callback callback, String path) {
    if (path.equals("/ui")) {
      // Relative, so that it is right behind a proxy too.
      response.getHeaders().put(HttpHeader.LOCATION, "ui/");
      Texts.write(response, callback, 308, Texts.PLAIN, "See ui/.\n");
      return;
    }
    if (!request.getMethod().equals("HEAD") && !request.getMethod().equals("GET")) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
      Texts.write(response, callback, 405, Texts.PLAIN, "Only GET and HEAD are allowed.\n");
      return;
    }
    StaticFile file = find(path.substring(ROOT.length()));
    if (file == null) {
      Texts.write(response, callback, 404, Texts.PLAIN, "There is no such file.\n");
      return;
    }
    write(file, request, response, callback);
  }

  /** Responds to GET or HEAD with a file. */
  static void write(StaticFile file, Request request, Response response, Callback callback) {
    boolean isHead = request.getMethod().equals("HEAD");
    var headers = response.getHeaders();
    headers.put(HttpHeader.ETAG, file.etag());
    headers.put(HttpHeader.CACHE_CONTROL, "no-cache");
    headers.add(HttpHeader.VARY, "Accept-Encoding");
    if (!file.policy().isEmpty()) {
      headers.put("Content-Security-Policy", file.policy());
    }
    String seen = request.getHeaders().get(HttpHeader.IF_NONE_MATCH);
    if (seen != null && seen.contains(file.etag())) {
      response.setStatus(304);
      response.write(true, null, callback);
      return;
    }
    boolean isCompressed =
        file.gzip().length > 0
            && request.getHeaders().getQualityCSV(HttpHeader.ACCEPT_ENCODING).contains("gzip");
    if (isCompressed) {
      headers.put(HttpHeader.CONTENT_ENCODING, "gzip");
    }
    byte[] bytes = isCompressed ? file.gzip() : file.plain();
    response.setStatus(200);
    headers.put(HttpHeader.CONTENT_TYPE, file.type());
    headers.put(HttpHeader.CONTENT_LENGTH, bytes.length);
    response.write(true, isHead ? null : ByteBuffer.wrap(bytes).asReadOnlyBuffer(), callback);
  }

  private @Nullable StaticFile find(String path) {
    String name = isView(path) ? INDEX : path;
    if (!NAME.matcher(name).matches() || (name.equals(ELEMENTS) && !description.isDevelopment())) {
      return null;
    }
    StaticFile found = known.get(name);
    if (found == null) {
      found = read(name);
      if (found != null) {
        known.put(name, found);
      }
    }
    return found;
  }

  /** A job's id may have a dot, so that the first segment decides, and not whether there is one. */
  private static boolean isView(String path) {
    return path.isEmpty() || VIEWS.contains(path.split("/", 2)[0]);
  }

  private @Nullable StaticFile read(String name) {
    if (name.equals(DESCRIPTION)) {
      return StaticFile.of(name, description.json().getBytes(StandardCharsets.UTF_8));
    }
    String resource =
        name.startsWith(LIBRARIES) ? webJar(name) : own + (name.equals(ELEMENTS) ? INDEX : name);
    if (resource == null) {
      return null;
    }
    try (InputStream file = classPath.getResourceAsStream(resource)) {
      // A folder of the class path is a stream too: of the names in it.
      return file == null || !resource.substring(resource.lastIndexOf('/')).contains(".")
          ? null
          : StaticFile.of(name, placed(name, file.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException("The file " + name + " cannot be read.", e);
    }
  }

  /** Puts the base path into the addresses of a page: its import map cannot have relative ones. */
  private byte[] placed(String name, byte[] bytes) {
    if (!name.endsWith(".html")) {
      return bytes;
    }
    String page = new String(bytes, StandardCharsets.UTF_8);
    if (name.equals(ELEMENTS)) {
      page = page.replace(MAIN_SCRIPT, ELEMENTS_SCRIPT);
    }
    return page.replace(ADDRESS, '"' + description.basePath() + ADDRESS.substring(1))
        .getBytes(StandardCharsets.UTF_8);
  }

  private @Nullable String webJar(String name) {
    String inside = name.substring(LIBRARIES.length());
    int slash = inside.indexOf('/');
    if (slash < 0) {
      return null;
    }
    String library = inside.substring(0, slash);
    try (InputStream file = classPath.getResourceAsStream(WEB_JAR_VERSION.formatted(library))) {
      if (file == null) {
        return null;
      }
      Properties properties = new Properties();
      properties.load(file);
      return WEB_JARS + library + "/" + properties.getProperty("version") + inside.substring(slash);
    } catch (IOException e) {
      throw new UncheckedIOException("The WebJar " + library + " cannot be read.", e);
    }
  }
}
