"""The portal: HTML pages for visitors and stewards. Thin; every value shown comes from disclosure."""
