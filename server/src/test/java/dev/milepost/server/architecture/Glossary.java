package dev.milepost.server.architecture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The words that {@code CONTRIBUTING.md} has retired: the third column of its list of terms. */
final class Glossary {
  private static final Path PAGE = Path.of("..", "CONTRIBUTING.md");
  private static final String HEADER = "| Term | Meaning | Not |";

  /** Retired as names, but plain English in a sentence. */
  private static final Set<String> FINE_IN_SENTENCES =
      Set.of(
          "execution",
          "few",
          "flushed",
          "hear",
          "least",
          "longest",
          "look",
          "looks",
          "most",
          "move",
          "shortest",
          "somebody",
          "tell");

  /** What separates the words of a name: punctuation, and the humps of camel case. */
  private static final Pattern BETWEEN_WORDS =
      Pattern.compile("[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])");

  private final List<String> retired;

  Glossary(List<String> retired) {
    this.retired = List.copyOf(retired);
  }

  static Glossary read() throws IOException {
    return new Glossary(
        MarkdownTable.rows(PAGE, HEADER).stream()
            .flatMap(row -> MarkdownTable.parts(row.get(2)).stream())
            .toList());
  }

  List<String> retired() {
    return retired;
  }

  /** Returns the retired words in a name, however its words are separated. */
  List<String> inName(String name) {
    String words =
        ' '
            + String.join(" ", Stream.of(BETWEEN_WORDS.split(name)).toList())
                .toLowerCase(Locale.ROOT)
            + ' ';
    return retired.stream().filter(word -> words.contains(' ' + word + ' ')).toList();
  }

  /** Returns the retired words in a sentence, in the plural too. */
  List<String> inSentence(String text) {
    List<String> found = new ArrayList<>();
    for (String word : retired) {
      if (!FINE_IN_SENTENCES.contains(word)) {
        String plural = word.endsWith("y") ? word.replaceFirst("y$", "(y|ies)") : word + "s?";
        Matcher matcher =
            Pattern.compile("\\b" + plural.replace(" ", "\\s+") + "\\b", Pattern.CASE_INSENSITIVE)
                .matcher(text);
        while (matcher.find()) {
          found.add(matcher.group());
        }
      }
    }
    return found;
  }
}
