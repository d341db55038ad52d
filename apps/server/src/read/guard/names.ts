/**
 * The functions that SQL of readers may call: an allow-list, so that a function of a newer engine is refused until
 * somebody has looked at it. On it is what computes from its arguments alone. Not on it, on purpose: what reads files,
 * dictionaries, models or other tables (`file`, `dictGet…`, `joinGet`, `catboostEvaluate`), reaches the network
 * (`ai…`), tells about the server (`hostName`, `getSetting`), sleeps, parses foreign binary states
 * (`finalizeAggregation`, the `…State` and `…Merge` combinators), or takes the name of a function as text
 * (`arrayReduce`, `initializeAggregation`).
 */

const NUMBERS = `
  abs acos acosh and asin asinh assumeNotNull atan atan2 atanh avg2 bitAnd bitCount
  bitHammingDistance bitNot bitOr bitRotateLeft bitRotateRight bitShiftLeft bitShiftRight bitSlice
  bitTest bitTestAll bitTestAny bitXor byteSwap cbrt ceil clamp coalesce cos cosh degrees divide
  divideDecimal divideOrNull e erf erfc exp exp10 exp2 factorial firstNonDefault floor gcd greatest
  hypot if ifNotFinite ifNull intDiv intDivOrNull intDivOrZero intExp10 intExp2 isFinite isInfinite
  isNaN isNotNull isNull isNullable isPrime isProbablePrime isZeroOrNull lcm least lgamma log log10
  log1p log2 max2 midpoint min2 minus modulo moduloLegacy moduloOrNull moduloOrZero multiIf multiply
  multiplyDecimal negate not nullIf or pi plus positiveModulo positiveModuloOrNull pow
  proportionsZTest radians rand rand64 randBernoulli randBinomial randCanonical randChiSquared
  randConstant randExponential randFisherF randLogNormal randNegativeBinomial randNormal randPoisson
  randStudentT randUniform randomFixedString randomPrintableASCII randomString randomStringUTF8
  round roundAge roundBankers roundDown roundDuration roundToExp2 sigmoid sign sin sinh sqr sqrt tan
  tanh tgamma toNullable trunc widthBucket xor
`;

const COMPARISON = `
  equals globalIn globalNotIn globalNotNullIn globalNullIn greater greaterOrEquals in isDistinctFrom
  isNotDistinctFrom less lessOrEquals notEquals notIn notNullIn nullIn
`;

const TEXT = `
  CRC32 CRC32IEEE CRC64 JSONAllPaths JSONAllPathsWithTypes JSONAllValues JSONArrayLength
  JSONDynamicPaths JSONDynamicPathsWithTypes JSONExtract JSONExtractArrayRaw
  JSONExtractArrayRawCaseInsensitive JSONExtractBool JSONExtractBoolCaseInsensitive
  JSONExtractCaseInsensitive JSONExtractFloat JSONExtractFloatCaseInsensitive JSONExtractInt
  JSONExtractIntCaseInsensitive JSONExtractKeys JSONExtractKeysAndValues
  JSONExtractKeysAndValuesCaseInsensitive JSONExtractKeysAndValuesRaw
  JSONExtractKeysAndValuesRawCaseInsensitive JSONExtractKeysCaseInsensitive JSONExtractRaw
  JSONExtractRawCaseInsensitive JSONExtractString JSONExtractStringCaseInsensitive JSONExtractUInt
  JSONExtractUIntCaseInsensitive JSONHas JSONKey JSONLength JSONMergePatch JSONSharedDataPaths
  JSONSharedDataPathsWithTypes JSONType JSON_EXISTS JSON_QUERY JSON_VALUE URLHierarchy
  URLPathHierarchy alphaTokens appendTrailingCharIfAbsent arrayStringConcat ascii base32Decode
  base32Encode base58Decode base58Encode base64Decode base64Encode base64URLDecode base64URLEncode
  basename bin bitPositionsToArray bitmaskToArray bitmaskToList byteHammingDistance caseFoldUTF8
  char compareSubstrings concat concatAssumeInjective concatWithSeparator
  concatWithSeparatorAssumeInjective conv countMatches countMatchesCaseInsensitive countSubstrings
  countSubstringsCaseInsensitive countSubstringsCaseInsensitiveUTF8 cutFragment cutQueryString
  cutQueryStringAndFragment cutToFirstSignificantSubdomain cutToFirstSignificantSubdomainCustom
  cutToFirstSignificantSubdomainCustomRFC cutToFirstSignificantSubdomainCustomWithWWW
  cutToFirstSignificantSubdomainCustomWithWWWRFC cutToFirstSignificantSubdomainRFC
  cutToFirstSignificantSubdomainWithWWW cutToFirstSignificantSubdomainWithWWWRFC cutURLParameter
  cutWWW damerauLevenshteinDistance decodeHTMLComponent decodeURLComponent decodeURLFormComponent
  decodeXMLComponent domain domainRFC domainWithoutWWW domainWithoutWWWRFC dynamicElement
  dynamicType editDistance editDistanceUTF8 encodeURLComponent encodeURLFormComponent
  encodeXMLComponent endsWith endsWithCaseInsensitive endsWithCaseInsensitiveUTF8 endsWithUTF8
  extract extractAll extractAllGroupsHorizontal extractAllGroupsVertical extractGroups
  extractTextFromHTML extractURLParameter extractURLParameterNames extractURLParameters firstLine
  firstSignificantSubdomain firstSignificantSubdomainCustom firstSignificantSubdomainCustomRFC
  firstSignificantSubdomainRFC format fragment hasAllTokens hasAnyTokens hasPhrase hasSubsequence
  hasSubsequenceCaseInsensitive hasSubsequenceCaseInsensitiveUTF8 hasSubsequenceUTF8 hasToken
  hasTokenCaseInsensitive hasTokenCaseInsensitiveOrNull hasTokenOrNull hex hilbertDecode
  hilbertEncode ilike initcap initcapUTF8 isDynamicElementInSharedData isValidASCII isValidJSON
  isValidUTF8 jaroSimilarity jaroWinklerSimilarity left leftPad leftPadUTF8 leftUTF8 lengthUTF8 like
  locate lower lowerUTF8 match mortonDecode mortonEncode multiFuzzyMatchAllIndices
  multiFuzzyMatchAny multiFuzzyMatchAnyIndex multiMatchAllIndices multiMatchAny multiMatchAnyIndex
  multiSearchAllPositions multiSearchAllPositionsCaseInsensitive
  multiSearchAllPositionsCaseInsensitiveUTF8 multiSearchAllPositionsUTF8 multiSearchAny
  multiSearchAnyCaseInsensitive multiSearchAnyCaseInsensitiveUTF8 multiSearchAnyUTF8
  multiSearchFirstIndex multiSearchFirstIndexCaseInsensitive
  multiSearchFirstIndexCaseInsensitiveUTF8 multiSearchFirstIndexUTF8 multiSearchFirstPosition
  multiSearchFirstPositionCaseInsensitive multiSearchFirstPositionCaseInsensitiveUTF8
  multiSearchFirstPositionUTF8 naturalSortKey netloc ngramDistance ngramDistanceCaseInsensitive
  ngramDistanceCaseInsensitiveUTF8 ngramDistanceUTF8 ngramSearch ngramSearchCaseInsensitive
  ngramSearchCaseInsensitiveUTF8 ngramSearchUTF8 ngrams normalizeUTF8NFC normalizeUTF8NFD
  normalizeUTF8NFKC normalizeUTF8NFKCCasefold normalizeUTF8NFKD notILike notLike overlay overlayUTF8
  path pathFull port portRFC position positionCaseInsensitive positionCaseInsensitiveUTF8
  positionUTF8 prettyPrintJSON printf protocol queryString queryStringAndFragment regexpExtract
  regexpPosition regexpQuoteMeta removeDiacriticsUTF8 replaceAll replaceOne replaceRegexpAll
  replaceRegexpOne reverseBySeparator reverseUTF8 right rightPad rightPadUTF8 rightUTF8
  simpleJSONExtractBool simpleJSONExtractFloat simpleJSONExtractInt simpleJSONExtractRaw
  simpleJSONExtractString simpleJSONExtractUInt simpleJSONHas soundex space sparseGrams
  sparseGramsHashes sparseGramsHashesUTF8 sparseGramsUTF8 splitByChar splitByNonAlpha splitByRegexp
  splitByString splitByWhitespace sqidDecode sqidEncode startsWith startsWithCaseInsensitive
  startsWithCaseInsensitiveUTF8 startsWithUTF8 stringBytesEntropy stringBytesUniq stringJaccardIndex
  stringJaccardIndexUTF8 substring substringIndex substringIndexUTF8 substringUTF8 toJSONString
  toValidUTF8 tokens topLevelDomain topLevelDomainRFC translate translateUTF8 trimBoth trimLeft
  trimRight tryBase32Decode tryBase58Decode tryBase64Decode tryBase64URLDecode unbin unhex upper
  upperUTF8
`;

const TIME = `
  UTCTimestamp YYYYMMDDToDate YYYYMMDDToDate32 YYYYMMDDhhmmssToDateTime YYYYMMDDhhmmssToDateTime64
  addDate addDays addHours addInterval addMicroseconds addMilliseconds addMinutes addMonths
  addNanoseconds addQuarters addSeconds addTupleOfIntervals addWeeks addYears age changeDay
  changeHour changeMinute changeMonth changeSecond changeYear dateDiff dateName dateTrunc
  formatDateTime fromDaysSinceYearZero fromDaysSinceYearZero32 fromModifiedJulianDay
  fromModifiedJulianDayOrNull fromUTCTimestamp fromUnixTimestamp hop hopEnd hopStart localtime
  makeDate makeDate32 makeDateTime makeDateTime64 monthName now now64 subDate subtractDays
  subtractHours subtractInterval subtractMicroseconds subtractMilliseconds subtractMinutes
  subtractMonths subtractNanoseconds subtractQuarters subtractSeconds subtractTupleOfIntervals
  subtractWeeks subtractYears timeDiff timeSlot timestamp timezone timezoneOf timezoneOffset
  toDayOfMonth toDayOfWeek toDayOfYear toDaysInMonth toDaysSinceYearZero toHour toISOWeek toISOYear
  toLastDayOfMonth toLastDayOfWeek toMicrosecond toMillisecond toMinute toModifiedJulianDay
  toModifiedJulianDayOrNull toMonday toMonth toMonthNumSinceEpoch toNanosecond toQuarter
  toRelativeDayNum toRelativeHourNum toRelativeMinuteNum toRelativeMonthNum toRelativeQuarterNum
  toRelativeSecondNum toRelativeWeekNum toRelativeYearNum toSecond toStartOfDay
  toStartOfFifteenMinutes toStartOfFiveMinutes toStartOfHour toStartOfISOYear toStartOfInterval
  toStartOfMicrosecond toStartOfMillisecond toStartOfMinute toStartOfMonth toStartOfNanosecond
  toStartOfQuarter toStartOfSecond toStartOfTenMinutes toStartOfWeek toStartOfYear
  toTimeWithFixedDate toTimezone toUTCTimestamp toUnixTimestamp toWeek toYYYYMM toYYYYMMDD
  toYYYYMMDDhhmmss toYear toYearNumSinceEpoch toYearWeek today tumble tumbleEnd tumbleStart windowID
  yesterday
`;

const COLLECTIONS = `
  array arrayAUCPR arrayAll arrayAutocorrelation arrayAvg arrayBottomK arrayCompact arrayConcat
  arrayCount arrayCumSum arrayCumSumNonNegative arrayDifference arrayDistinct arrayDotProduct
  arrayElement arrayElementOrNull arrayEnumerate arrayEnumerateDense arrayEnumerateDenseRanked
  arrayEnumerateUniq arrayEnumerateUniqRanked arrayExcept arrayExists arrayFill arrayFilter
  arrayFirst arrayFirstIndex arrayFirstOrNull arrayFlatten arrayIntersect arrayJaccardIndex
  arrayJoin arrayLast arrayLastIndex arrayLastOrNull arrayLevenshteinDistance
  arrayLevenshteinDistanceWeighted arrayMap arrayMax arrayMin arrayNormalizedGini
  arrayPartialReverseSort arrayPartialShuffle arrayPartialSort arrayPopBack arrayPopFront
  arrayProduct arrayPushBack arrayPushFront arrayROCAUC arrayRandomSample arrayRemove arrayResize
  arrayReverse arrayReverseFill arrayReverseSort arrayReverseSplit arrayRotateLeft arrayRotateRight
  arrayShiftLeft arrayShiftRight arrayShingles arrayShuffle arraySimilarity arraySlice arraySort
  arraySplit arraySum arraySymmetricDifference arrayTopK arrayTranspose arrayUnion arrayUniq
  arrayWithConstant arrayZip arrayZipUnaligned bitmapAnd bitmapAndCardinality bitmapAndnot
  bitmapAndnotCardinality bitmapBuild bitmapCardinality bitmapContains bitmapHasAll bitmapHasAny
  bitmapMax bitmapMin bitmapOr bitmapOrCardinality bitmapSubsetInRange bitmapSubsetLimit
  bitmapToArray bitmapTransform bitmapXor bitmapXorCardinality countEqual dotProduct empty
  extractKeyValuePairs extractKeyValuePairsWithEscaping flattenTuple has hasAll hasAny hasSubstr
  indexOf indexOfAssumeSorted length map mapAdd mapAll mapApply mapConcat mapContainsKey
  mapContainsKeyLike mapContainsValue mapContainsValueLike mapExists mapExtractKeyLike
  mapExtractValueLike mapFilter mapFromArrays mapKeys mapPartialReverseSort mapPartialSort
  mapPopulateSeries mapReverseSort mapSort mapSubtract mapUpdate mapValues notEmpty range reverse
  subBitmap tuple tupleConcat tupleDivide tupleDivideByNumber tupleElement tupleHammingDistance
  tupleIntDiv tupleIntDivByNumber tupleIntDivOrZero tupleIntDivOrZeroByNumber tupleMinus tupleModulo
  tupleModuloByNumber tupleMultiply tupleMultiplyByNumber tupleNames tupleNegate tuplePlus
  tuplePositiveModuloByNumber tupleToNameValuePairs
`;

const TYPES = `
  CAST DATE IPv4CIDRToRange IPv4NumToString IPv4NumToStringClassC IPv4StringToNum
  IPv4StringToNumOrDefault IPv4StringToNumOrNull IPv4ToIPv6 IPv6CIDRToRange IPv6NumToString
  IPv6StringToNum IPv6StringToNumOrDefault IPv6StringToNumOrNull UUIDNumToString UUIDStringToNum
  UUIDToNum UUIDv7ToDateTime accurateCast accurateCastOrDefault accurateCastOrNull cutIPv6
  dateTime64ToSnowflakeID dateTimeToSnowflakeID dateTimeToUUIDv7 fromUnixTimestamp64Micro
  fromUnixTimestamp64Milli fromUnixTimestamp64Nano fromUnixTimestamp64Second generateUUIDv4
  generateUUIDv7 isIPAddressInRange isIPv4String isIPv6String parseDateTime
  parseDateTime32BestEffort parseDateTime32BestEffortOrNull parseDateTime32BestEffortOrZero
  parseDateTime64 parseDateTime64BestEffort parseDateTime64BestEffortOrNull
  parseDateTime64BestEffortOrZero parseDateTime64BestEffortUS parseDateTime64BestEffortUSOrNull
  parseDateTime64BestEffortUSOrZero parseDateTime64OrNull parseDateTime64OrZero
  parseDateTimeBestEffort parseDateTimeBestEffortOrNull parseDateTimeBestEffortOrZero
  parseDateTimeBestEffortUS parseDateTimeBestEffortUSOrNull parseDateTimeBestEffortUSOrZero
  parseDateTimeOrNull parseDateTimeOrZero reinterpretAsDate reinterpretAsDateTime
  reinterpretAsFixedString reinterpretAsFloat32 reinterpretAsFloat64 reinterpretAsInt128
  reinterpretAsInt16 reinterpretAsInt256 reinterpretAsInt32 reinterpretAsInt64 reinterpretAsInt8
  reinterpretAsString reinterpretAsUInt128 reinterpretAsUInt16 reinterpretAsUInt256
  reinterpretAsUInt32 reinterpretAsUInt64 reinterpretAsUInt8 reinterpretAsUUID snowflakeIDToDateTime
  snowflakeIDToDateTime64 toBFloat16 toBFloat16OrNull toBFloat16OrZero toBool toDate toDate32
  toDate32OrDefault toDate32OrNull toDate32OrZero toDateOrDefault toDateOrNull toDateOrZero
  toDateTime toDateTime32 toDateTime64 toDateTime64OrDefault toDateTime64OrNull toDateTime64OrZero
  toDateTimeOrDefault toDateTimeOrNull toDateTimeOrZero toDecimal128 toDecimal128OrDefault
  toDecimal128OrNull toDecimal128OrZero toDecimal256 toDecimal256OrDefault toDecimal256OrNull
  toDecimal256OrZero toDecimal32 toDecimal32OrDefault toDecimal32OrNull toDecimal32OrZero
  toDecimal64 toDecimal64OrDefault toDecimal64OrNull toDecimal64OrZero toDecimalString toFixedString
  toFloat32 toFloat32OrDefault toFloat32OrNull toFloat32OrZero toFloat64 toFloat64OrDefault
  toFloat64OrNull toFloat64OrZero toIPv4 toIPv4OrDefault toIPv4OrNull toIPv4OrZero toIPv6
  toIPv6OrDefault toIPv6OrNull toIPv6OrZero toInt128 toInt128OrDefault toInt128OrNull toInt128OrZero
  toInt16 toInt16OrDefault toInt16OrNull toInt16OrZero toInt256 toInt256OrDefault toInt256OrNull
  toInt256OrZero toInt32 toInt32OrDefault toInt32OrNull toInt32OrZero toInt64 toInt64OrDefault
  toInt64OrNull toInt64OrZero toInt8 toInt8OrDefault toInt8OrNull toInt8OrZero toInterval
  toIntervalDay toIntervalHour toIntervalMicrosecond toIntervalMillisecond toIntervalMinute
  toIntervalMonth toIntervalNanosecond toIntervalQuarter toIntervalSecond toIntervalWeek
  toIntervalYear toLowCardinality toString toStringCutToZero toTime toTime64 toTime64OrNull
  toTime64OrZero toTimeOrNull toTimeOrZero toUInt128 toUInt128OrDefault toUInt128OrNull
  toUInt128OrZero toUInt16 toUInt16OrDefault toUInt16OrNull toUInt16OrZero toUInt256
  toUInt256OrDefault toUInt256OrNull toUInt256OrZero toUInt32 toUInt32OrDefault toUInt32OrNull
  toUInt32OrZero toUInt64 toUInt64OrDefault toUInt64OrNull toUInt64OrZero toUInt8 toUInt8OrDefault
  toUInt8OrNull toUInt8OrZero toUUID toUUIDOrDefault toUUIDOrNull toUUIDOrZero
  toUnixTimestamp64Micro toUnixTimestamp64Milli toUnixTimestamp64Nano toUnixTimestamp64Second
`;

const HASHES = `
  MD4 MD5 RIPEMD160 SHA1 SHA224 SHA256 SHA384 SHA512 SHA512_256 URLHash cityHash64 farmFingerprint64
  farmHash64 gccMurmurHash halfMD5 hiveHash intHash32 intHash64 javaHash javaHashUTF16LE
  jumpConsistentHash kafkaMurmurHash keccak256 metroHash64 murmurHash2_32 murmurHash2_64
  murmurHash3_128 murmurHash3_32 murmurHash3_64 ngramMinHash ngramMinHashArg
  ngramMinHashArgCaseInsensitive ngramMinHashArgCaseInsensitiveUTF8 ngramMinHashArgUTF8
  ngramMinHashCaseInsensitive ngramMinHashCaseInsensitiveUTF8 ngramMinHashUTF8 ngramSimHash
  ngramSimHashCaseInsensitive ngramSimHashCaseInsensitiveUTF8 ngramSimHashUTF8 sipHash128
  sipHash128Keyed sipHash128Reference sipHash128ReferenceKeyed sipHash64 sipHash64Keyed
  wordShingleMinHash wordShingleMinHashArg wordShingleMinHashArgCaseInsensitive
  wordShingleMinHashArgCaseInsensitiveUTF8 wordShingleMinHashArgUTF8
  wordShingleMinHashCaseInsensitive wordShingleMinHashCaseInsensitiveUTF8 wordShingleMinHashUTF8
  wordShingleSimHash wordShingleSimHashCaseInsensitive wordShingleSimHashCaseInsensitiveUTF8
  wordShingleSimHashUTF8 wyHash64 xxHash32 xxHash64 xxHash64Spark xxh3 xxh3_128
`;

const DISTANCES = `
  L1Distance L1Norm L1Normalize L2Distance L2Norm L2Normalize L2SquaredDistance L2SquaredNorm
  LinfDistance LinfNorm LinfNormalize LpDistance LpNorm LpNormalize cosineDistance
`;

const OTHER = `
  repeat bar byteSize countDigits identity ignore isConstant materialize toTypeName toColumnTypeName
  transform formatReadableSize formatReadableDecimalSize formatReadableQuantity
  formatReadableTimeDelta parseReadableSize parseReadableSizeOrNull parseReadableSizeOrZero
  parseTimeDelta runningDifference runningDifferenceStartingWithFirstValue neighbor
  rowNumberInAllBlocks rowNumberInBlock blockNumber visibleWidth digits isDecimalOverflow
  dumpColumnStructure minSampleSizeContinuous minSampleSizeConversion version _CAST
  caseWithExpression lambda exists grouping
`;

const ALIASES = `
  BIT_AND BIT_OR BIT_XOR CARDINALITY CHARACTER_LENGTH CHAR_LENGTH COVAR_POP COVAR_SAMP DATE_DIFF
  DATE_FORMAT DATE_TRUNC DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR FORMAT_BYTES FROM_BASE64 FROM_DAYS
  FROM_UNIXTIME HOUR INET6_ATON INET6_NTOA INET_ATON INET_NTOA JSON_ARRAY_LENGTH LAST_DAY
  MAP_FROM_ARRAYS MICROSECOND MILLISECOND MINUTE MONTH NANOSECOND NATURAL_SORT_KEY OCTET_LENGTH
  QUARTER REGEXP_EXTRACT REGEXP_MATCHES REGEXP_REPLACE REGEXP_SUBSTR SECOND STD STDDEV STDDEV_POP
  STDDEV_SAMP SUBSTRING_INDEX TIMESTAMP_DIFF TO_BASE64 TO_DAYS TO_UNIXTIME UTC_timestamp VAR_POP
  VAR_SAMP YEAR anova anyLastRespectNulls anyRespectNulls anyValueRespectNulls any_value
  any_value_respect_nulls approx_top_count arrayAUC arrayPRAUC array_agg array_remove
  array_to_string byteSlice caseWithExpr caseWithoutExpr caseWithoutExpression ceiling concat_ws
  curdate current_date current_timestamp date_bin date_diff dense_rank distanceCosine distanceL1
  distanceL2 distanceL2Squared distanceLinf distanceLp extractAllGroups firstValueRespectNulls
  first_value first_value_respect_nulls flatten from_utc_timestamp group_concat hasAllToken
  hasAnyToken instr isASCII jsonMergePatch lastValueRespectNulls last_value last_value_respect_nulls
  lcase levenshteinDistance levenshteinDistanceUTF8 ln localtimestamp lpad ltrim lttb mapContains
  mapFromString matchPhrase max_by median medianBFloat16 medianBFloat16Weighted medianDD
  medianDeterministic medianExact medianExactHigh medianExactLow medianExactWeighted
  medianExactWeightedInterpolated medianGK medianInterpolatedWeighted medianTDigest
  medianTDigestWeighted medianTiming medianTimingWeighted mid minSampleSizeContinous min_by
  mismatches mod modOrNull normL1 normL2 normL2Squared normLinf normLp normalizeL1 normalizeL2
  normalizeLinf normalizeLp percent_rank pmod pmodOrNull positive_modulo positive_modulo_or_null
  power rand32 regexpInstr regexp_instr removeAccentsUTF8 replace rpad rtrim scalarProduct sparkBar
  splitByAlpha sqid str_to_date str_to_map string_agg substr timeZone timeZoneOf timeZoneOffset
  time_bucket timestampDiff timestamp_diff toStartOfFiveMinute toTimeZone to_utc_timestamp trim
  truncate ucase unnest vectorDifference vectorSum visitParamExtractBool visitParamExtractFloat
  visitParamExtractInt visitParamExtractRaw visitParamExtractString visitParamExtractUInt
  visitParamHas week width_bucket yearweek
`;

const AGGREGATES = `
  analysisOfVariance any anyHeavy anyLast anyLast_respect_nulls any_respect_nulls approx_top_k
  approx_top_sum argAndMax argAndMin argMax argMin avg avgWeighted boundingRatio
  categoricalInformationValue contingency corr corrStable count covarPop covarPopStable covarSamp
  covarSampStable cramersV cramersVBiasCorrected cume_dist deltaSum deltaSumTimestamp denseRank
  entropy exponentialMovingAverage exponentialTimeDecayedAvg exponentialTimeDecayedCount
  exponentialTimeDecayedMax exponentialTimeDecayedSum groupArray groupArrayIntersect groupArrayLast
  groupArrayMovingAvg groupArrayMovingSum groupArraySample groupArraySorted groupBitAnd groupBitOr
  groupBitXor groupBitmap groupBitmapAnd groupBitmapOr groupBitmapXor groupConcat groupUniqArray
  histogram intervalLengthSum kolmogorovSmirnovTest kurtPop kurtSamp lag lagInFrame
  largestTriangleThreeBuckets lead leadInFrame mannWhitneyUTest max maxIntersections
  maxIntersectionsPosition maxMappedArrays meanZTest min minMappedArrays nonNegativeDerivative
  nth_value ntile percentRank quantile quantileBFloat16 quantileBFloat16Weighted quantileDD
  quantileDeterministic quantileExact quantileExactExclusive quantileExactHigh
  quantileExactInclusive quantileExactLow quantileExactWeighted quantileExactWeightedInterpolated
  quantileGK quantileInterpolatedWeighted quantileTDigest quantileTDigestWeighted quantileTiming
  quantileTimingWeighted quantiles quantilesBFloat16 quantilesBFloat16Weighted quantilesDD
  quantilesDeterministic quantilesExact quantilesExactExclusive quantilesExactHigh
  quantilesExactInclusive quantilesExactLow quantilesExactWeighted
  quantilesExactWeightedInterpolated quantilesGK quantilesInterpolatedWeighted quantilesTDigest
  quantilesTDigestWeighted quantilesTiming quantilesTimingWeighted rank rankCorr retention
  row_number sequenceCount sequenceMatch simpleLinearRegression singleValueOrNull skewPop skewSamp
  sparkbar stddevPop stddevPopStable stddevSamp stddevSampStable
  studentTTest studentTTestOneSample sum sumCount sumKahan
  sumMapWithOverflow sumMappedArrays sumWithOverflow theilsU topK topKWeighted uniq uniqCombined
  uniqCombined64 uniqExact uniqHLL12 uniqUpTo varPop varPopStable varSamp varSampStable welchTTest
  windowFunnel
`;

/** Endings that may be put after an aggregate function. */
const COMBINATORS = ['If', 'Array', 'Distinct', 'OrNull', 'OrDefault', 'ForEach', 'Map', 'ArgMin', 'ArgMax'];

/** Table functions: nothing but counting. */
const TABLE_FUNCTIONS = new Set(['numbers', 'generate_series', 'generateSeries']);

/**
 * Functions without arguments that are refused as calls but may be names of columns: `user_hash AS user`. Passed as a
 * function they fail, because whatever takes a function gives it at least one argument.
 */
const HARMLESS_NAMES = new Set([
  'user',
  'hostname',
  'uptime',
  'revision',
  'displayname',
  'version',
  'database',
  'schema',
]);

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

// Many functions of SQL are known in any case, so names are compared in lower case. No forbidden function is a variant
// of an allowed one: a test asks the engine.
const functions = new Set(
  [NUMBERS, COMPARISON, TEXT, TIME, COLLECTIONS, TYPES, HASHES, DISTANCES, OTHER, ALIASES]
    .flatMap(words)
    .map((name) => name.toLowerCase()),
);
const aggregates = new Set(words(AGGREGATES).map((name) => name.toLowerCase()));

export function isAllowedFunction(name: string): boolean {
  return functions.has(name.toLowerCase()) || isAllowedAggregate(name);
}

export function isAllowedTableFunction(name: string): boolean {
  return TABLE_FUNCTIONS.has(name);
}

export function isHarmlessName(name: string): boolean {
  return HARMLESS_NAMES.has(name.toLowerCase());
}

function isAllowedAggregate(name: string): boolean {
  let base = name;
  // Each round takes one ending off, so the loop ends with the name.
  while (!aggregates.has(base.toLowerCase())) {
    const ending = COMBINATORS.find((each) => base.endsWith(each) && base.length > each.length);
    if (ending === undefined) return false;
    base = base.slice(0, -ending.length);
  }
  return true;
}
