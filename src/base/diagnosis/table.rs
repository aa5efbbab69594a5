//! The macro that turns the table of codes into `Code`.

/// Declares `Code` from one table, so that code, class, message page and list cannot drift apart.
macro_rules! codes {
    ($($variant:ident = $text:literal, $class:ident, $title:literal, $meaning:literal, $remedy:literal;)*) => {
        /// A stable error code. `newleaf explain CODE` and `docs/errors/` show its page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as people see it, for example `NL0101`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The class, which decides the exit code.
            pub const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }

            /// The title, in one line.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// The meaning: what happened, and why it is an error.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// The remedy: what the operator should do.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

pub(super) use codes;
