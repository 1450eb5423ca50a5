package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The documentation of permissions contains the table of the code. */
class PermissionsDocTest {
  private static final Path PAGE = Path.of("..", "docs", "PERMISSIONS.md");
  private static final String BEGIN = "<!-- table: printed from Permission.java -->\n";
  private static final String END = "<!-- end of table -->\n";

  @Test
  void theDocumentedTableMatchesTheCode() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    assertThat(begin).as("first line of the table").isNotNegative();
    assertThat(end).as("last line of the table").isGreaterThan(begin);
    String right =
        page.substring(0, begin + BEGIN.length()) + Permission.table() + page.substring(end);
    if (Boolean.getBoolean("milepost.docs.refresh")) {
      Files.writeString(PAGE, right);
      return;
    }
    assertThat(page)
        .as(
            "docs/PERMISSIONS.md is not what the code says; refresh it by: mvn -pl server -am test"
                + " -Dtest=PermissionsDocTest -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dmilepost.docs.refresh=true")
        .isEqualTo(right);
  }
}
