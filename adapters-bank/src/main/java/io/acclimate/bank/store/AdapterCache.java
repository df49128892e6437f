package io.acclimate.bank.store;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adapters that were asked for, up to a number of bytes. Safe for all threads. */
final class AdapterCache {
  private final long capacityBytes;
  private final Map<AdapterRef, Adapter> adapters = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  AdapterCache(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** The adapter, {@code null} when it is not here. */
  synchronized Adapter get(AdapterRef ref) {
    return adapters.get(ref);
  }

  /** Keeps an adapter and lets go of those not asked for the longest, until all fit. */
  synchronized void put(Adapter adapter) {
    if (adapter.bytes() > capacityBytes) {
      return;
    }
    Adapter replaced = adapters.put(adapter.card().ref(), adapter);
    bytes += adapter.bytes() - (replaced == null ? 0 : replaced.bytes());
    Iterator<Adapter> eldest = adapters.values().iterator();
    while (bytes > capacityBytes) {
      bytes -= eldest.next().bytes();
      eldest.remove();
    }
  }

  /** The bytes of all adapters that are here. */
  synchronized long bytes() {
    return bytes;
  }
}
