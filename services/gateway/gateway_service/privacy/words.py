"""What a file of somebody's data and a certificate of erasure say, in English and Chinese."""

from typing import NamedTuple


class Said(NamedTuple):
    what: str
    en: str
    zh: str


SERVICES = {
    "profile": ("Customer data: who somebody is, what they did and agreed to", "客户数据:身份、行为与同意"),
    "segment": ("Segments", "人群分群"),
    "journey": ("Journeys", "营销旅程"),
    "scoring": ("Scores", "评分"),
    "dispatch": ("Messages", "消息"),
}
KEPT = (
    Said(
        "hashes",
        "Keyed hashes of the identifiers, so that the person does not come back with the next file",
        "标识符的加密哈希,以免该客户随下一次导入重新出现",
    ),
    Said(
        "refusals",
        "Keyed hashes of addresses that must not be written to",
        "不得再发送的地址的加密哈希",
    ),
    Said(
        "counts",
        "Messages and journey runs as counts, without content, address or person",
        "消息与旅程的计数,不含内容、地址和客户",
    ),
    Said(
        "audit",
        "Who called what and when, with the ids that stood in the addresses of calls",
        "操作审计:谁在何时调用了什么,含调用地址中的编号",
    ),
)
AGES_OUT = (
    Said("streams", "Encrypted calls as they came in", "已接收的加密原始调用"),
    Said("events_between_services", "Records on their way between services", "服务之间传递的记录"),
    Said("rejected_samples", "Samples of calls that were rejected, encrypted", "被拒绝调用的加密样本"),
    Said("imported_files", "Files that were uploaded, encrypted", "已上传的加密文件"),
    Said("import_reports", "Faulty rows of imports, encrypted", "导入错误行,加密"),
    Said("change_feed", "Which fields changed, without their values", "变更记录(仅字段名,不含内容)"),
    Said("backups", "Backups of the databases", "数据库备份"),
)
