import pytest

from reconciler.config.store_url import StoreUrl, parse_store_url


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("plans", None, id="a folder"),
        pytest.param("../s3/plans", None, id="a folder elsewhere"),
        pytest.param("s3://bucket", StoreUrl("s3", "bucket", ""), id="a bucket"),
        pytest.param("s3://bucket/", StoreUrl("s3", "bucket", ""), id="and a slash"),
        pytest.param("az://bucket/a/b", StoreUrl("az", "bucket", "a/b"), id="a prefix"),
        pytest.param("gs://my.bucket_1/a/b/", StoreUrl("gs", "my.bucket_1", "a/b"), id="any name"),
        pytest.param("S3://bucket/P", StoreUrl("s3", "bucket", "P"), id="capitals"),
    ],
)
def test_what_a_store_is(text: str, found: StoreUrl | None) -> None:
    assert parse_store_url(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "http://bucket/x",
        "file:///etc",
        "s3://",
        "s3:///x",
        "s3://user:secret@bucket/x",
        "s3://bucket:80/x",
        "s3://bucket/x?sig=secret",
        "s3://bucket/x#secret",
        "s3://bucket/../x",
        "s3://bucket/a//b",
        "s3://bucket/.hidden",
        "s3://bucket/a\nb",
        "s3://bucket/ä",
        "s3://BUCKET/x",
    ],
)
def test_what_no_store_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(plans|a store|no bucket|a prefix)") as caught:
        parse_store_url(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["s3://bucket", "az://bucket/a/b"])
def test_a_store_says_its_address(text: str) -> None:
    assert str(parse_store_url(text)) == text


@pytest.mark.parametrize("text", ["s3:/bucket/prefix", "s3//bucket", "S3:bucket", "gs:///x", "az:"])
def test_what_is_nearly_a_url_is_no_folder(text: str) -> None:
    with pytest.raises(ValueError, match=r"://bucket/prefix|no bucket"):
        parse_store_url(text)


@pytest.mark.parametrize("text", ["plans", "s3", "./s3", "s3-plans/x", "azure", "gsx//y"])
def test_a_folder_may_look_like_it(text: str) -> None:
    assert parse_store_url(text) is None
