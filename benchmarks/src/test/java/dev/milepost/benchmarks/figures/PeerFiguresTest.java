package dev.milepost.benchmarks.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PeerFiguresTest {
  @TempDir Path directory;

  private final PeerFigures peers = new PeerFigures();

  @Test
  void returnsTheGreatestMeasuredFigure() throws IOException {
    read(
        """
        {"name":"peer.a.life","value":12.5}
        {"name": "peer.b.life", "value": 1.3e1}
        """);

    assertThat(peers.given()).isTrue();
    assertThat(peers.greatest("peer.a.life", "peer.b.life", "peer.c.life")).isEqualTo(13);
  }

  @Test
  void rejectsAFileWithoutTheFigure() throws IOException {
    read("{\"name\":\"peer.a-everysec.life\",\"value\":12.5}\n");

    assertThatThrownBy(() -> peers.greatest("peer.a.life"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("peer.a.life");
  }

  @Test
  void hasNoFiguresWithoutAFile() {
    assertThat(peers.given()).isFalse();
  }

  private void read(String figures) throws IOException {
    Path file = Files.writeString(directory.resolve("peers"), figures);
    new CommandLine(peers).parseArgs("--peers", file.toString());
  }
}
