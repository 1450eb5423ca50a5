package dev.milepost.server.access;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Interns callers: one caller may have thousands of open calls, each of which keeps its caller.
 * Forgets callers without open calls. Thread-safe.
 */
final class SharedCallers {
  /** Guarded by this. */
  private final Map<Caller, WeakReference<Caller>> known = new WeakHashMap<>();

  /** Returns an equal caller that is already in use, otherwise this one. */
  synchronized Caller shared(Caller caller) {
    WeakReference<Caller> reference = known.get(caller);
    Caller first = reference == null ? null : reference.get();
    if (first != null) {
      return first;
    }
    known.put(caller, new WeakReference<>(caller));
    return caller;
  }
}
