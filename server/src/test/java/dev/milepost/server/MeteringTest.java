package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.upkeep.TickObserver;
import dev.milepost.server.watch.WatchObserver;
import org.junit.jupiter.api.Test;

/** Whether anything is measured. */
class MeteringTest {
  @Test
  void measuresNothingIfNobodyCanReadIt() {
    try (Metering off = new Metering(false)) {
      assertThat(off.calls()).isEmpty();
      assertThat(off.services()).isSameAs(ServiceObserver.NONE);
      assertThat(off.commits()).isSameAs(CommitObserver.NONE);
      assertThat(off.watches()).isSameAs(WatchObserver.NONE);
      assertThat(off.ticks()).isSameAs(TickObserver.NONE);
      assertThat(off.page()).isEmpty();
    }
  }

  @Test
  void measuresOtherwise() {
    try (Metering on = new Metering(true)) {
      assertThat(on.calls()).hasSize(1);
      assertThat(on.services()).isNotSameAs(ServiceObserver.NONE);
      assertThat(on.page()).contains("# TYPE");
    }
  }
}
