package dev.milepost.server.metrics;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A metrics page as a scraper reads it. */
public record MetricsPage(String text) {
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

  /** The type and the labels of a meter. */
  record Family(String type, Set<String> labels) {}

  /** Reads the page at a URL. */
  public static MetricsPage read(String url) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new AssertionError(answer + " " + answer.body());
      }
      return new MetricsPage(answer.body());
    } catch (IOException e) {
      throw new AssertionError(url + " does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Returns all meters by name, with the labels of their samples. */
  Map<String, Family> families() {
    Map<String, Family> families = new TreeMap<>();
    for (String line : lines()) {
      Matcher type = TYPE.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (type.matches()) {
        families.put(type.group(1), new Family(type.group(2), new TreeSet<>()));
      } else if (sample.matches() && sample.group(2) != null) {
        Set<String> labels = families.get(familyOf(sample.group(1), families.keySet())).labels();
        LABEL.matcher(sample.group(2)).results().map(label -> label.group(1)).forEach(labels::add);
        labels.remove("le");
      }
    }
    return families;
  }

  private static String familyOf(String sample, Set<String> known) {
    return known.contains(sample) ? sample : sample.replaceAll("_(bucket|count|sum)$", "");
  }

  /** Returns the value of a sample; NaN if there is none. */
  public double value(String sample) {
    return lines().stream()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  private List<String> lines() {
    return text.lines().toList();
  }
}
