package dev.milepost.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.JobFilter;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A page ends when enough was read for it. */
class JobPageBuilderTest {
  @Test
  void aSearchReadsAHundredThousandTextsForOnePage() {
    JobFilter filter = JobFilter.newBuilder().setText("rare").build();
    JobPageBuilder page = new JobPageBuilder(new JobQuery(filter, true, Optional.empty(), 10));
    int texts = 0;
    boolean goesOn = true;
    while (goesOn) {
      texts += 1_000;
      goesOn = page.passTexts(1_000, null, 1_000_000 - texts);
    }

    assertThat(texts).isEqualTo(100_000);
    assertThat(page.page(true).next()).contains("900000");
    assertThat(page.page(false).next()).isEmpty();
  }
}
