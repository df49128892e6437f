package io.acclimate.continual.conpet;

/** What static ConPET does against forgetting, beside learning old samples again. */
public enum ConpetHost {
  /** Nothing more. */
  REPLAY,
  /** Elastic weight consolidation (Kirkpatrick et al., PNAS 2017, arXiv 1612.00796). */
  EWC,
  /**
   * After each pass, steps in which kept samples find their class by prototypes, as episodic memory
   * activation and reconsolidation does (Han et al., ACL 2020).
   */
  EMAR
}
