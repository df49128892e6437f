package io.acclimate.replay.event;

/**
 * Something that decided the state of a runtime, or is needed to judge it. Events are values: equal
 * contents are equal, and nobody changes an array after it was handed over.
 */
public sealed interface JournalEvent
    permits RunStarted,
        StreamOpened,
        StreamClosed,
        BatchObserved,
        Predicted,
        FeedbackReceived,
        AdaptationStep,
        MethodReset,
        TaskBoundary,
        AdapterPublished,
        SnapshotTaken,
        EventsDropped,
        RecordsOmitted,
        StateRestored,
        StreamFrozen,
        AdapterUsed {}
