/**
 * Provides parameter-efficient tuning (PET) modules: parameters and a forward sub-graph that a
 * frozen model gets at some of its sites.
 *
 * <p>A {@link io.acclimate.bank.pet.PetModule} is found by name through its {@link
 * io.acclimate.bank.pet.PetProvider}; a {@link io.acclimate.bank.pet.PetPatch} applies modules to a
 * graph, which gives a {@link io.acclimate.bank.pet.PatchedGraph} whose parameters are inputs.
 */
package io.acclimate.bank.pet;
