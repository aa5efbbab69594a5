//! The simulation tier: the real engine on simulated ports.
//!
//! `NEWLEAF_SIMULATION_SEEDS=n` says how many lives to live; `NEWLEAF_SIMULATION_SEED=n` lives one and prints it.

#[cfg(test)]
mod adversary;
#[cfg(test)]
mod conditions;
#[cfg(test)]
mod consumers;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod deaths;
#[cfg(test)]
mod driver;
#[cfg(test)]
mod encoding;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod issuer;
#[cfg(test)]
mod life;
#[cfg(test)]
mod lives;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod neglect;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod random;
#[cfg(test)]
mod sabotage;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod world;
