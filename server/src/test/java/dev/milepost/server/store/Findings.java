package dev.milepost.server.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Collects what a check finds. */
public final class Findings implements StoreCheck.Progress {
  private final List<String> found = new ArrayList<>();

  private Findings() {}

  /** Runs a check, and returns its findings. */
  public static List<String> of(Function<StoreCheck.Progress, StoreCheck> check) {
    Findings findings = new Findings();
    StoreCheck result = check.apply(findings);
    if (result.findings() != findings.found.size()) {
      throw new AssertionError(result + " does not count " + findings.found);
    }
    return findings.found;
  }

  /** Takes no notice of what is found. */
  public static StoreCheck.Progress ignored() {
    return new Findings();
  }

  @Override
  public void begins(String phase, long rows) {}

  @Override
  public void done(long rows) {}

  @Override
  public void found(String finding) {
    found.add(finding);
  }
}
