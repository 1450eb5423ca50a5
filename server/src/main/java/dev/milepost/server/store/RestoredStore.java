package dev.milepost.server.store;

import java.util.Optional;

/**
 * A store that was made of a backup.
 *
 * @param store the store, which is a copy of the backup
 * @param aside path that the store has now that was replaced; empty: there was none
 */
public record RestoredStore(BackupFile store, Optional<String> aside) {}
