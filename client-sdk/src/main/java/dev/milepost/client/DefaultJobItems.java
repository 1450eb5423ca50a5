package dev.milepost.client;

import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import java.util.ArrayList;
import java.util.List;

/** The items of one attempt's job, read and reported with its token. */
final class DefaultJobItems implements JobItems {
  private static final int MAX_MESSAGE = 4_096;
  private static final int MAX_ID = 256;
  private static final int MAX_DATA_BYTES = 16_384;

  private final AttemptSession session;

  DefaultJobItems(AttemptSession session) {
    this.session = session;
  }

  @Override
  public List<Item> all() {
    List<Item> items = new ArrayList<>();
    new PagedIterator<>(session::itemsPage).forEachRemaining(items::add);
    return List.copyOf(items);
  }

  @Override
  public void running(String id) {
    report(id, ItemState.ITEM_STATE_RUNNING, "");
  }

  @Override
  public void done(String id, String message) {
    report(id, ItemState.ITEM_STATE_DONE, message);
  }

  @Override
  public void failed(String id, String message) {
    report(id, ItemState.ITEM_STATE_FAILED, message);
  }

  @Override
  public void skipped(String id, String message) {
    report(id, ItemState.ITEM_STATE_SKIPPED, message);
  }

  private void report(String id, ItemState state, String message) {
    report(
        Item.newBuilder()
            .setId(id)
            .setState(state)
            .setMessage(Texts.cut(message, MAX_MESSAGE))
            .build());
  }

  @Override
  public void report(Item item) {
    Texts.id(item.getId(), MAX_ID);
    if (item.getData().getSerializedSize() > MAX_DATA_BYTES) {
      throw new IllegalArgumentException(
          "the data of item "
              + item.getId()
              + " has "
              + item.getData().getSerializedSize()
              + " bytes, but at most "
              + MAX_DATA_BYTES
              + " are allowed");
    }
    session.buffer().item(item);
  }
}
