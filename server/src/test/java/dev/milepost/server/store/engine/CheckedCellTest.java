package dev.milepost.server.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobKey;
import dev.milepost.v1.Item;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a checksum finds. */
class CheckedCellTest {
  private static final JobKey KEY = new JobKey("acme", "a");
  private static final Item ITEM = Item.newBuilder().setId("x").setMessage("y").build();

  @Test
  void everyFlippedBitIsFound() {
    CheckedCell cell = CheckedCell.item(7, "x");
    byte[] value = cell.encode(ITEM);
    assertThat(cell.parse(value, Item.parser())).isEqualTo(ITEM);
    assertThat(cell.bytes(value)).isEqualTo(ITEM.toByteArray());
    for (int bit = 0; bit < 8 * value.length; bit++) {
      byte[] flipped = value.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(cell.parse(flipped, Item.parser())).as("bit %s", bit).isNull();
      assertThat(cell.bytes(flipped)).as("bit %s", bit).isNull();
    }
  }

  @Test
  void aValueWithoutChecksumIsDamaged() {
    CheckedCell cell = CheckedCell.item(7, "x");
    assertThat(cell.parse(ITEM.toByteArray(), Item.parser())).isNull();
    assertThat(cell.parse(null, Item.parser())).isNull();
    for (int length = 0; length < cell.encode(ITEM).length; length++) {
      assertThat(cell.isSound(Arrays.copyOf(cell.encode(ITEM), length))).isFalse();
    }
  }

  @Test
  void aValueIsSoundInItsPlaceOnly() {
    List<CheckedCell> places =
        List.of(
            CheckedCell.record(KEY),
            CheckedCell.spec(KEY),
            CheckedCell.tail(KEY),
            CheckedCell.before(KEY),
            CheckedCell.record(new JobKey("acm", "ea")),
            CheckedCell.record(new JobKey("acme", "b")),
            CheckedCell.run(1, 2),
            CheckedCell.run(2, 1),
            CheckedCell.item(1, "x"),
            CheckedCell.item(2, "x"),
            CheckedCell.item(1, "y"),
            CheckedCell.request(new byte[] {1}, 5),
            CheckedCell.request(new byte[] {1}, 6),
            CheckedCell.request(new byte[] {2}, 5));
    for (CheckedCell written : places) {
      byte[] value = written.encode(ITEM.toByteArray());
      assertThat(places).filteredOn(place -> place.isSound(value)).containsExactly(written);
    }
  }
}
