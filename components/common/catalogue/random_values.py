"""Values of the random provider."""

from components.common.catalogue.entry import RandomEntry, Replacement

ENTRIES = (
    RandomEntry(
        type="random:index/randomBytes:RandomBytes",
        data="irreplaceable",
        replacement=Replacement(
            properties="keepers length", source="terraform-provider-random 3.x, internal/provider/resource_bytes.go"
        ),
    ),
    RandomEntry(
        type="random:index/randomId:RandomId",
        replacement=Replacement(
            properties="byteLength keepers prefix",
            source="terraform-provider-random 3.x, internal/provider/resource_id.go",
        ),
    ),
    RandomEntry(
        type="random:index/randomPassword:RandomPassword",
        data="recreated",
        replacement=Replacement(
            properties=(
                "keepers length lower minLower minNumeric minSpecial minUpper number numeric "
                "overrideSpecial special upper"
            ),
            source="terraform-provider-random 3.x, internal/provider/resource_password.go",
        ),
    ),
)
