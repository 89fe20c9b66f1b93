package proto

// The messages about knowledge across domains. Features are those of Prepare's buffer blocks: for each picture a row
// with the means over all positions of each residual block's output, one block after the other, in float16. A request
// reads them row by row, since the rows of thousands of pictures stay in JavaScript's memory. Blocks are counted from 0
// and listed in ascending order; the means of several blocks make one row of features, one after the other.

// How many pictures are looked at, at most. Of more a sample is taken, so that to send more only takes memory.
const (
	ProbePictures    = 1000 // that are learnt from; all test pictures are looked at
	RankPictures     = 250
	DistancePictures = 500 // of each set
)

// Probe asks for a linear classifier on every block, to see which block tells the classes apart (Alain and Bengio
// 2017). Its buffer blocks has one row for each picture.
type Probe struct {
	Classes int    `json:"classes"`
	Labels  []int  `json:"labels"` // of each picture
	Sides   []Side `json:"sides"`  // of each picture: none may be SideUnassigned
	Seed    uint32 `json:"seed"`   // of the folds by which the penalty is chosen
	Only    []int  `json:"only"`   // these blocks only; empty: all
}

// Probed is the answer to Probe. Progress on the way has the blocks so far.
type Probed struct {
	Blocks []ProbedBlock `json:"blocks"`
}

// ProbedBlock is what a linear classifier on a block's means knows.
type ProbedBlock struct {
	Block    int     `json:"block"`
	Features int     `json:"features"`
	L2       float64 `json:"l2"` // strength of the penalty, chosen by folds of the pictures that are learnt from
	Folds    Score   `json:"folds"`
	// Accuracy is by cross-validation over the pictures that are learnt from (training and validation); Test is that of
	// the test pictures, and null if there are none.
	Accuracy Rate  `json:"accuracy"`
	Test     *Rate `json:"test"`
}

// Rank asks how well each block's means suit the classes, without training: LogME (You and others 2021). Its buffer
// blocks has one row for each picture that is learnt from.
type Rank struct {
	Classes int   `json:"classes"`
	Labels  []int `json:"labels"`
}

// Ranked is the answer to Rank. The higher a score, the better the block suits.
type Ranked struct {
	Scores []float64 `json:"scores"` // of each block
	Best   int       `json:"best"`
	MS     float64   `json:"ms"`
}

// Distance asks how far apart two sets of pictures are. Its buffers a and b have one row for each picture of each set.
type Distance struct {
	Only         []int  `json:"only"`         // these blocks only; empty: all
	Permutations int    `json:"permutations"` // of the test; 0: the default
	Seed         uint32 `json:"seed"`
	// DHashesA and DHashesB are Prepared's, of each picture, by which near-duplicates are found: they count as one.
	// Empty: all pictures are different.
	DHashesA []string `json:"dhashesA"`
	DHashesB []string `json:"dhashesB"`
}

// Distances is the answer to Distance. Progress on the way has the blocks so far.
type Distances struct {
	Blocks []BlockDistance `json:"blocks"`
}

// BlockDistance is how far apart the sets are by a block's means.
type BlockDistance struct {
	Block    int   `json:"block"`
	Pictures []int `json:"pictures"` // of a and of b that were looked at: of many a sample
	// Different is how many of these count as different: near-duplicates, such as frames of a recording, count as one.
	Different []int `json:"different"`
	// A is the proxy A-distance, 2·(1 − 2·error) of a linear classifier that tells the sets apart (Ben-David and others
	// 2007), from 0 to 2, with a 95 % interval.
	A     float64 `json:"a"`
	ALow  float64 `json:"aLow"`
	AHigh float64 `json:"aHigh"`
	// MMD2 is the unbiased squared maximum mean discrepancy (Gretton and others 2012), and P its permutation p-value.
	MMD2 float64 `json:"mmd2"`
	P    float64 `json:"p"`
	// Verdict is in words: "far", "near" (told apart, but not by much), "same" (no difference found), "few" (too few
	// pictures to tell).
	Verdict DistanceVerdict `json:"verdict"`
}

// DistanceVerdict is a distance in words.
type DistanceVerdict string

// The verdicts.
const (
	DistanceFar  DistanceVerdict = "far"
	DistanceNear DistanceVerdict = "near"
	DistanceSame DistanceVerdict = "same"
	DistanceFew  DistanceVerdict = "few"
)

// DistanceVerdicts lists all verdicts.
var DistanceVerdicts = []DistanceVerdict{DistanceFar, DistanceNear, DistanceSame, DistanceFew}

// Norms asks for the statistics of all batch norms on some pictures (AdaBN, Li and others 2017), and for the pictures'
// features under them. It has files, an array of Blobs. Progress is Steps. The answer's buffers:
//   - norms, float32: for each norm in the network's order its means and then its variances
//   - blocks, uint16: one row for each picture, as Prepare's, from the network with these statistics
type Norms struct {
	Batch int    `json:"batch"` // pictures that are normalised together; 0: the default
	Seed  uint32 `json:"seed"`  // of the sample that the statistics are of, and of its batches
}

// NormsFound is the answer to Norms.
type NormsFound struct {
	Pictures int     `json:"pictures"`
	Sampled  int     `json:"sampled"` // pictures that the statistics are of
	MS       float64 `json:"ms"`
}

// AdaptMethod is a way to make a classifier fit pictures of another domain, whose labels nobody knows.
type AdaptMethod string

const (
	AdaptNone        AdaptMethod = "none"        // as it is
	AdaptMean        AdaptMethod = "mean"        // each domain around its own mean
	AdaptStandardise AdaptMethod = "standardise" // each domain by its own mean and deviation
	AdaptCORAL       AdaptMethod = "coral"       // the source's covariance made the target's (Sun, Feng, Saenko 2016)
	AdaptNorms       AdaptMethod = "norms"       // the norms' statistics of each domain (AdaBN)
	AdaptPriors      AdaptMethod = "priors"      // the target's frequencies of the classes (Saerens and others 2002)
)

// AdaptMethods lists all methods.
var AdaptMethods = []AdaptMethod{
	AdaptNone, AdaptMean, AdaptStandardise, AdaptCORAL, AdaptNorms, AdaptPriors,
}

// Adapt asks for classifiers that fit another domain. Its buffers:
//   - source, uint16: a row for each picture that is learnt from; target, uint16: one for each of the other domain
//   - sourceNorms and targetNorms, uint16: the same pictures' rows as Norms gives them, each under its own domain's
//     statistics, and norms, float32, those of the target; only for AdaptNorms
type Adapt struct {
	Classes []string `json:"classes"`
	Labels  []int    `json:"labels"` // of the source's pictures
	// TargetLabels only judge: −1 is unknown. Empty: all are unknown.
	TargetLabels []int         `json:"targetLabels"`
	Blocks       []int         `json:"blocks"`  // whose means are the features; empty: the last block's
	Methods      []AdaptMethod `json:"methods"` // to try beside AdaptNone; empty: all for which the buffers are there
	Seed         uint32        `json:"seed"`
	// SourceDHashes and TargetDHashes are Prepared's, of each picture, by which near-duplicates are found: they count
	// as one. Empty: all pictures are different.
	SourceDHashes []string `json:"sourceDHashes"`
	TargetDHashes []string `json:"targetDHashes"`
}

// Adapted is the answer to Adapt. For each method its weights are the buffer "weights-" and its name, as Trained's.
type Adapted struct {
	Methods []AdaptedMethod `json:"methods"` // AdaptNone first
	// Chosen is the method that is chosen without any label of the target. It is "none" where no other is better by
	// Criterion, and where there is no Gap.
	Chosen AdaptMethod `json:"chosen"`
	Gap    bool        `json:"gap"` // whether the domains differ by more than chance (permutation test, p ≤ 0.01)
	// ByFrequencies is whether the classes' frequencies alone explain the gap. Missing are the classes that seldom or
	// never come in the target, as it seems: either that is so, and then all methods but "priors" do harm, or the gap
	// makes it seem so. Then Chosen is "none", and IfAllCome is what is chosen if somebody knows that they do come.
	ByFrequencies bool        `json:"byFrequencies"`
	Missing       []int       `json:"missing"`
	IfAllCome     AdaptMethod `json:"ifAllCome"`
	Judged        int         `json:"judged"` // pictures of the target whose label is known
	// Learnt is from how many pictures of the source and of the target the methods learnt: random samples of very many.
	Learnt []int `json:"learnt"`
}

// AdaptedMethod is what came of a method.
type AdaptedMethod struct {
	Method AdaptMethod `json:"method"`
	// Criterion is what the choice goes by, without labels of the target: the higher the better, from 0 to 1. It is the
	// mean probability of the right class in reverse validation.
	Criterion float64 `json:"criterion"`
	Answers   []int   `json:"answers"`  // the class of each picture of the target
	Accuracy  *Rate   `json:"accuracy"` // of the judged pictures; null if there are none
	// Against compares it with AdaptNone on the judged pictures; null for AdaptNone, and if there are none.
	Against *Compared `json:"against"`
	// Frequencies are how often each class is thought to be in the target; only of AdaptPriors.
	Frequencies []float64 `json:"frequencies"`
}

// Moved asks how alike the blocks are before and after a training: the linear CKA of each pair (Kornblith and others
// 2019). Its buffers before and after have one row for each picture, as Prepare's buffer blocks.
type Moved struct {
	Seed uint32 `json:"seed"` // of the sample, where there are too many pictures
}

// MovedBlocks is the answer to Moved. Its data has a row for each block before, with a number for each block after.
type MovedBlocks struct {
	Blocks   int `json:"blocks"`
	Pictures int `json:"pictures"` // pictures that were compared by
}

// Shapes asks for drawn pictures of a task of the Skip lab's shapes, for a lesson. The answer's buffers: pictures,
// uint8, Count×Size×Size×3; labels, uint8, Count.
type Shapes struct {
	Task       string  `json:"task"`
	Domain     string  `json:"domain"`
	Size       int     `json:"size"`
	Count      int     `json:"count"`
	Difficulty float64 `json:"difficulty"`
	Seed       uint32  `json:"seed"`
}

// ShapesDrawn is the answer to Shapes.
type ShapesDrawn struct {
	Classes []string `json:"classes"`
}

// DomainsTypes lists the messages about domains, for the generator.
var DomainsTypes = []any{
	Probe{}, ProbedBlock{}, Probed{}, Rank{}, Ranked{}, Distance{}, BlockDistance{}, Distances{}, Norms{}, NormsFound{},
	Adapt{}, AdaptedMethod{}, Adapted{}, Moved{}, MovedBlocks{}, Shapes{}, ShapesDrawn{},
}
