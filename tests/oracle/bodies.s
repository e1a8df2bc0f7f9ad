// Empty: a package with assembly may declare functions without a body, as policy_test.go does.
