package dev.milepost.server.store;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What every store must do, whatever it keeps its jobs in. */
public abstract class JobStoreContract
    implements UpdateContract,
        ClaimContract,
        RequestContract,
        ListContract,
        SearchContract,
        KeyContract,
        BytesContract,
        CountContract,
        PartContract,
        ParentContract,
        RecordContract,
        ChangeContract {
  private final SettableClock clock = new SettableClock();
  private StoreHarness harness;

  /** Opens the store under test: empty the first time within a test. */
  protected abstract JobStore open(SettableClock clock, int journalCap);

  @BeforeEach
  void openStore() {
    harness = new StoreHarness(open(clock, StoreHarness.CAP), clock);
  }

  @AfterEach
  void closeStore() {
    harness.store().close();
  }

  @Override
  public StoreHarness harness() {
    return harness;
  }
}
