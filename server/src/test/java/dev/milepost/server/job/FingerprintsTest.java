package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FingerprintsTest {
  private static final CreateJobRequest REQUEST =
      CreateJobRequest.newBuilder()
          .setRequestId("r1")
          .setUserId("ann")
          .setSpec(JobLife.spec().setParams(JobLife.struct("password", "hush")))
          .build();

  @Test
  void theRequestIdIsNotPartOfTheContent() {
    assertThat(Fingerprints.ofFields(REQUEST.toBuilder().setRequestId("r2").build()))
        .isEqualTo(Fingerprints.ofFields(REQUEST))
        .containsOnlyKeys("spec", "user_id");
  }

  @Test
  void otherContentIsRefusedWithTheNamesOfTheFieldsButNotTheirValues() {
    RequestRecord first = recordOf(REQUEST);
    CreateJobRequest other =
        REQUEST.toBuilder()
            .clearUserId()
            .setJobId("job-9")
            .setSpec(JobLife.spec().setParams(JobLife.struct("password", "other")))
            .build();

    assertThatExceptionOfType(Refusal.RequestIdReused.class)
        .isThrownBy(() -> Fingerprints.requireSame(first, Fingerprints.ofFields(other)))
        .satisfies(
            refusal -> {
              assertThat(refusal.fields()).containsExactly("job_id", "spec", "user_id");
              assertThat(refusal.getMessage()).doesNotContain("hush", "other", "job-9", "ann");
            });
    assertThatCode(() -> Fingerprints.requireSame(first, Fingerprints.ofFields(REQUEST)))
        .doesNotThrowAnyException();
  }

  @Property(tries = 200)
  void theOrderInWhichAMapWasFilledDoesNotMatter(
      @ForAll @Size(max = 30) List<String> keys, @ForAll long seed) {
    List<String> shuffled = new ArrayList<>(keys);
    Collections.shuffle(shuffled, new Random(seed));

    assertThat(Fingerprints.ofFields(withKeys(shuffled)))
        .isEqualTo(Fingerprints.ofFields(withKeys(keys)));
  }

  @Test
  void theOrderOfAListMatters() {
    CreateJobRequest.Builder request = CreateJobRequest.newBuilder();
    Item one = Item.newBuilder().setId("1").build();
    Item two = Item.newBuilder().setId("2").build();

    assertThat(Fingerprints.ofFields(request.clone().addItems(one).addItems(two).build()))
        .isNotEqualTo(Fingerprints.ofFields(request.clone().addItems(two).addItems(one).build()));
  }

  private static CreateJobRequest withKeys(List<String> keys) {
    Struct.Builder params = Struct.newBuilder();
    JobSpec.Builder spec = JobLife.spec();
    for (String key : keys) {
      params.putFields(key, Value.newBuilder().setStringValue(key).build());
      spec.putLabels(key, key);
    }
    return CreateJobRequest.newBuilder().setSpec(spec.setParams(params)).build();
  }

  private static RequestRecord recordOf(CreateJobRequest request) {
    return RequestRecord.newBuilder()
        .putAllFieldFingerprints(Fingerprints.ofFields(request))
        .build();
  }
}
