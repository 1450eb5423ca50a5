package dev.milepost.server.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads a table of a documentation page. */
final class MarkdownTable {
  private MarkdownTable() {}

  /**
   * Returns the rows of the one table whose first lines are the given header and its ruler; each
   * row as its cells, without back quotes.
   */
  static List<List<String>> rows(Path page, String header) throws IOException {
    List<String> lines = Files.readAllLines(page);
    int begin = lines.indexOf(header);
    assertThat(begin).as("line \"%s\" of %s", header, page).isNotNegative();
    List<List<String>> rows = new ArrayList<>();
    for (String line : lines.subList(begin + 2, lines.size())) {
      if (!line.startsWith("|")) {
        break;
      }
      String cells = line.substring(1, line.length() - 1).replace("`", "");
      rows.add(Stream.of(cells.split("\\|", -1)).map(String::strip).toList());
    }
    return rows;
  }

  /** Returns the parts of a cell that commas separate, in their order. */
  static List<String> parts(String cell) {
    return Stream.of(cell.split(",")).map(String::strip).filter(part -> !part.isEmpty()).toList();
  }
}
