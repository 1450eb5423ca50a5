package dev.milepost.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.cli.output.Table.Cell;
import dev.milepost.cli.output.Table.Column;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables fit their terminal. */
class TableTest {
  private final Table table =
      new Table(
          List.of(
              new Column("id", false, false),
              new Column("name", false, true),
              new Column("n", true, false)));

  @Test
  void alignsColumnsAndCutsWhatMayBeCut() {
    table.add(List.of(Cell.of("a1"), Cell.of("日本語のとても長い名前"), Cell.of("7")));
    table.add(List.of(Cell.of("b2"), Cell.of("short"), Cell.of("1,204")));

    assertThat(table.lines(terminal(24), true))
        .containsExactly(
            "ID  NAME               N", "a1  日本語のとて…      7", "b2  short          1,204")
        .allSatisfy(line -> assertThat(TextWidth.of(line)).isLessThanOrEqualTo(24));
  }

  @Test
  void cutsNothingWhereNobodyLooks() {
    table.add(List.of(Cell.of("a1"), Cell.of("x".repeat(300)), Cell.of("7")));

    assertThat(table.lines(terminal(Integer.MAX_VALUE), false))
        .containsExactly("a1  " + "x".repeat(300) + "  7");
  }

  @Test
  void countsTheColumnsThatATextTakes() {
    assertThat(TextWidth.of("e\u0301")).isEqualTo(1);
    assertThat(TextWidth.of("日本")).isEqualTo(4);
    assertThat(TextWidth.of("🚀")).isEqualTo(2);
    assertThat(TextWidth.cut("🚀🚀🚀", 4)).isEqualTo("🚀…");
  }

  private static Terminal terminal(int columns) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    return new Terminal(nowhere, nowhere, true, columns, 24, false);
  }
}
