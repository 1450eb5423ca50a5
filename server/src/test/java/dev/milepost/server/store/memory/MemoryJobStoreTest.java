package dev.milepost.server.store.memory;

import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JobStoreContract;
import dev.milepost.server.store.SettableClock;

class MemoryJobStoreTest extends JobStoreContract {
  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return new MemoryJobStore(clock, journalCap);
  }
}
