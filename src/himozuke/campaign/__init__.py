"""An inspection campaign: every body answers how it worked, inspects its links, reports, and figures are published."""
