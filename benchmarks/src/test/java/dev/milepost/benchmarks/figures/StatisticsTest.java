package dev.milepost.benchmarks.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StatisticsTest {
  @Test
  void medianIsTheMiddleValue() {
    assertThat(Statistics.median(9, 1, 5)).isEqualTo(5);
    assertThat(Statistics.median(9, 1, 5, 7)).isEqualTo(6);
    assertThat(Statistics.median(3)).isEqualTo(3);
    assertThatThrownBy(Statistics::median).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ratioNeedsAFloor() {
    assertThat(Statistics.ratio(3, 2)).isEqualTo(1.5);
    assertThat(Statistics.ratio(3, 0)).isNaN();
    assertThat(Statistics.ratio(3, Double.NaN)).isNaN();
    assertThat(Statistics.spread(2, 8, 4)).isEqualTo(4);
  }

  @Test
  void goalIsMetUpToItsBound() {
    assertThat(new Figure("f", 11, "ms", 10, Goal.atMost(1.1)).met()).isTrue();
    assertThat(new Figure("f", 12, "ms", 10, Goal.atMost(1.1)).met()).isFalse();
    assertThat(new Figure("f", 11, "ms", 10, Goal.atMost(1.1)).json())
        .isEqualTo(
            "{\"name\":\"f\",\"value\":11.0000,\"unit\":\"ms\",\"floor\":10.0000,\"ratio\":1.1000,"
                + "\"goal\":1.1000,\"met\":true}");
    assertThat(Figure.plain("g", 1, "x").json())
        .isEqualTo(
            "{\"name\":\"g\",\"value\":1.0000,\"unit\":\"x\",\"floor\":null,\"ratio\":null,"
                + "\"goal\":null,\"met\":null}");
  }
}
