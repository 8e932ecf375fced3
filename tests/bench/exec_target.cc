// The cheapest command there is: what exec_bench measures the starting of.
int main() { return 0; }
