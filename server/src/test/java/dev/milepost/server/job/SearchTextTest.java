package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.Job;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts are searched without case. */
class SearchTextTest {
  @Test
  void theTextOfAJobHasALineForEachField() {
    Job.Builder job = Job.newBuilder().setId("Job-1");
    job.getSpecBuilder().setDisplayName("A Name").setType("Sync").setProjectId("P1");

    assertThat(SearchText.of(job.build())).isEqualTo("job-1\na name\nsync\np1");
    assertThat(SearchText.of(Job.newBuilder().setId("x").build())).isEqualTo("x\n\n\n");
  }

  @ParameterizedTest
  @CsvSource({
    "iİIı, iiii",
    "straße STRASSE STRAẞE, strasse strasse strasse",
    "ΣΊΣΥΦΟΣ σίσυφος, σίσυφοσ σίσυφοσ",
    "ﬁx FIX, fix fix",
    "K K k, k k k",
    "ſ S, s s",
    "𐐀 🚀 ש, 𐐨 🚀 ש"
  })
  void caseIsFoldedInEveryLanguage(String text, String folded) {
    assertThat(SearchText.folded(text)).isEqualTo(folded);
  }

  @Test
  void foldingTwiceIsFoldingOnce() {
    for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
      if (Character.isDefined(character) && character >> 11 != 0xd800 >> 11) {
        String folded = SearchText.folded(Character.toString(character));
        assertThat(SearchText.folded(folded)).isEqualTo(folded);
      }
    }
  }

  @Test
  void bothCasesOfEveryCharacterAreTheSame() {
    for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
      if (Character.isDefined(character) && character >> 11 != 0xd800 >> 11) {
        String folded = SearchText.folded(Character.toString(character));
        String upper = Character.toString(Character.toUpperCase(character));
        String lower = Character.toString(Character.toLowerCase(character));
        assertThat(SearchText.folded(upper)).isEqualTo(folded);
        assertThat(SearchText.folded(lower)).isEqualTo(folded);
      }
    }
  }
}
