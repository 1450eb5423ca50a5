package dev.milepost.examples.hashtree;

/** Throws if the work must stop. Called for every directory entry and every buffer. */
@FunctionalInterface
interface StopCheck {
  void check();
}
