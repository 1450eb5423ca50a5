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
        .isThrownBy(() -> Fingerprints.requireSame(first, Fingerprints.ofFields(other), other))
        .satisfies(
            refusal -> {
              assertThat(refusal.fields())
                  .containsExactly("job_id", "spec.params.password", "user_id");
              assertThat(refusal.getMessage()).doesNotContain("hush", "other", "job-9", "ann");
            });
    assertThatCode(() -> Fingerprints.requireSame(first, Fingerprints.ofFields(REQUEST), REQUEST))
        .doesNotThrowAnyException();
  }

  private static List<String> differing(CreateJobRequest before, CreateJobRequest after) {
    return differing(recordOf(before), after);
  }

  private static List<String> differing(RequestRecord first, CreateJobRequest after) {
    try {
      Fingerprints.requireSame(first, Fingerprints.ofFields(after), after);
    } catch (Refusal.RequestIdReused refusal) {
      return refusal.fields();
    }
    return List.of();
  }

  private static CreateJobRequest items(int count) {
    CreateJobRequest.Builder request = REQUEST.toBuilder();
    for (int i = 0; i < count; i++) {
      request.addItems(Item.newBuilder().setId("i" + i).setProjectId("p"));
    }
    return request.build();
  }

  @Test
  void whatDiffersIsNamedByPath() {
    CreateJobRequest.Builder request = items(5).toBuilder();
    request.getSpecBuilder().setPriority(5).putLabels("a", "1").putLabels("b", "2");
    CreateJobRequest first = request.build();

    CreateJobRequest.Builder other = first.toBuilder();
    other.getSpecBuilder().setPriority(6);
    other.getItemsBuilder(3).setId("other");
    assertThat(differing(first, other.build())).containsExactly("items[3].id", "spec.priority");

    other = first.toBuilder();
    other.getSpecBuilder().putLabels("a", "2").putLabels("c", "3");
    assertThat(differing(first, other.build()))
        .containsExactlyInAnyOrder("spec.labels.a", "spec.labels.c");

    other = first.toBuilder();
    other.getSpecBuilder().clearPriority().clearLabels();
    other.removeItems(4);
    assertThat(differing(first, other.build()))
        .containsExactlyInAnyOrder("items[4]", "spec.priority", "spec.labels");

    other = first.toBuilder();
    other.getSpecBuilder().removeLabels("a");
    assertThat(differing(first, other.build())).containsExactly("spec.labels");

    assertThat(differing(first, first.toBuilder().clearItems().build())).containsExactly("items");
    assertThat(differing(first, first)).isEmpty();
  }

  @Test
  void pathsAreBounded() {
    CreateJobRequest many = items(2_000);
    assertThat(Fingerprints.ofPaths(many)).hasSizeLessThanOrEqualTo(256);
    assertThat(differing(many, items(1_999))).containsExactly("items");

    CreateJobRequest.Builder other = items(100).toBuilder();
    for (int i = 0; i < 100; i++) {
      other.getItemsBuilder(i).setProjectId("q");
    }
    assertThat(differing(items(100), other.build())).hasSize(10);
  }

  @Test
  void aRecordOfAnEarlierVersionNamesFields() {
    RequestRecord first = recordOf(REQUEST).toBuilder().clearPathHashes().build();
    CreateJobRequest.Builder other = REQUEST.toBuilder();
    other.getSpecBuilder().setPriority(77);
    assertThat(differing(first, other.build())).containsExactly("spec");
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
        .addAllPathHashes(Fingerprints.ofPaths(request))
        .build();
  }
}
